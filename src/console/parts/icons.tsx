/** Small pictures beside words; never in the place of one that is needed. */
import type { PageName } from '../address.ts'

const paths = {
  orders: 'M5 3.5h10v13l-2.5-1.5L10 16.5 7.5 15 5 16.5zM8 7.5h4M8 10.5h4',
  callbacks: 'M4 6.5h9.5a3 3 0 0 1 0 6H6M8.5 10 6 12.5 8.5 15',
  requests: 'M3.5 7h11M11.5 4l3 3-3 3M16.5 13h-11M8.5 10l-3 3 3 3',
  overview: 'M4 16V9.5M8 16V4.5M12 16v-8M16 16v-4',
  connect: 'M7.5 3.5v4M12.5 3.5v4M5 7.5h10v2a5 5 0 0 1-10 0zM10 14.5v3',
  clock: 'M10 3.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M10 6.5V10l2.5 2',
  fault: 'M11 3 5 11.5h4.5L9 17l6-8.5h-4.5z',
  settings:
    'M3.5 6.5h7M14 6.5h2.5M3.5 13.5H6M9.5 13.5h7M12.2 4.7a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6M7.8 11.7a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6',
  copy: 'M7.5 7.5h8v8h-8zM12.5 7.5v-3h-8v8h3',
  check: 'm4.5 10.5 3.5 3.5 7.5-8',
  close: 'm5.5 5.5 9 9M14.5 5.5l-9 9',
  search: 'M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4M12.8 12.8l3.7 3.7',
  back: 'M12 5 7 10l5 5',
} as const satisfies Record<PageName | string, string>

export type IconName = keyof typeof paths

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    <path d={paths[name]} />
  </svg>
)
