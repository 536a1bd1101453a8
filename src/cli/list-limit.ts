/** How much of a list is wanted, and where what is left begins. */
import { brokenSetting } from '../app/refusals.ts'

export interface LimitFlags {
  readonly limit?: string | undefined
  readonly all?: boolean | undefined
}

/** As many as the server gives on a page. */
const mostOnPage = 500
const usual = 50

/** @throws StartRefused */
export function readLimit({ limit, all }: LimitFlags): number {
  if (all === true) return Number.POSITIVE_INFINITY
  if (limit === undefined) return usual
  if (/^[1-9]\d{0,8}$/.test(limit)) return Number(limit)
  throw brokenSetting('--limit', limit, {
    zh: '应为正整数；全部列出请用 --all',
    en: 'it must be a whole number above 0; --all lists all of them',
  })
}

export const pageSizeOf = (limit: number) => Math.min(limit, mostOnPage)

/**
 * Items of pages, as many as are wanted.
 * @param each hears of the items of a page
 * @returns whether there are more
 */
export async function take<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[],
  limit: number,
  each: (items: readonly Item[]) => void,
): Promise<{ count: number; more: boolean }> {
  let count = 0
  for await (const page of pages) {
    const items = itemsOf(page)
    const wanted = items.slice(0, limit - count)
    if (wanted.length > 0) each(wanted)
    count += wanted.length
    if (wanted.length < items.length) return { count, more: true }
    // The next page is asked for only where something of it is wanted.
    if (count >= limit) return { count, more: hasNext(page) }
  }
  return { count, more: false }
}

const hasNext = (page: unknown): boolean =>
  typeof page === 'object' && page !== null && Reflect.get(page, 'nextCursor') !== undefined
