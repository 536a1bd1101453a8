/** One chart over time, and the same as a table for those who do not see it. Loaded with the first chart. */
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { readableTime } from '../../protocol/beijing-time.ts'
import { t } from '../language.ts'
import { overview as words } from '../texts/overview.ts'
import { theme } from '../theme.ts'

/** By the names that states have, so that a colour means the same everywhere. */
type Colour = 'open' | 'good' | 'quiet' | 'warn' | 'bad' | 'back'

export interface Series {
  readonly label: string
  readonly colour: Colour
  readonly values: readonly (number | null)[]
}

const colourOf = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

const height = 180

/** Beijing time, whatever the browser's zone: what is shown is shifted, not what is meant. */
const inBeijing = (seconds: number) => uPlot.tzDate(new Date(seconds * 1_000), 'Asia/Shanghai')

const axis = () => ({
  stroke: colourOf('soft'),
  grid: { stroke: colourOf('line'), width: 1 },
  ticks: { stroke: colourOf('line'), width: 1 },
  font: '12px system-ui, sans-serif',
})

const optionsFor = (series: readonly Series[], width: number): uPlot.Options => ({
  width,
  height,
  tzDate: inBeijing,
  legend: { show: false },
  cursor: { y: false, points: { size: 6 } },
  scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
  axes: [
    {
      ...axis(),
      values: [
        [86_400, '{MM}-{DD}', null, null, null, null, null, null, 1],
        [3_600, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
        [60, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
      ],
    },
    {
      ...axis(),
      size: 44,
      incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000],
    },
  ],
  series: [
    {},
    ...series.map(({ label, colour }) => ({
      label,
      stroke: colourOf(colour),
      width: 2,
      points: { size: 4 },
    })),
  ],
})

function Drawing({ at, series }: { at: readonly Date[]; series: readonly Series[] }) {
  const frame = useRef<HTMLDivElement>(null)
  const drawn = useRef<uPlot>(undefined)
  const labels = series.map(({ label }) => label).join('\n')
  const table: uPlot.AlignedData = [
    at.map((time) => time.getTime() / 1_000),
    ...series.map(({ values }) => [...values]),
  ]
  useEffect(() => {
    const around = frame.current
    if (around === null) return
    const plot = new uPlot(optionsFor(series, around.clientWidth), table, around)
    drawn.current = plot
    const resized = new ResizeObserver(() => plot.setSize({ width: around.clientWidth, height }))
    resized.observe(around)
    return () => {
      resized.disconnect()
      plot.destroy()
    }
  }, [labels, theme.value])
  useEffect(() => drawn.current?.setData(table), [table])
  return <div class="drawing" ref={frame} aria-hidden="true" />
}

export function Chart({
  title,
  at,
  series,
}: {
  title: string
  at: readonly Date[]
  series: readonly Series[]
}) {
  const isEmpty = series.every((one) => one.values.every((value) => value === null || value === 0))
  if (isEmpty)
    return (
      <section class="card chart" aria-label={title}>
        <h2>{title}</h2>
        <p class="soft">{t(words.nothing)}</p>
      </section>
    )
  const rows = at.flatMap((time, place) =>
    series.some(({ values }) => (values[place] ?? 0) !== 0) ? [{ time, place }] : [],
  )
  return (
    <section class="card chart" aria-label={title}>
      <h2>{title}</h2>
      <ul class="legend">
        {series.map((one) => (
          <li key={one.label} class={one.colour}>
            {one.label}
          </li>
        ))}
      </ul>
      <Drawing at={at} series={series} />
      <details>
        <summary>{t(words.asTable)}</summary>
        <table class="list">
          <caption class="unseen">{title}</caption>
          <thead>
            <tr>
              <th scope="col">{t(words.at)}</th>
              {series.map(({ label }) => (
                <th key={label} scope="col" class="amount">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ time, place }) => (
              <tr key={place}>
                <th scope="row">{readableTime(time).slice(5, 16)}</th>
                {series.map(({ label, values }) => (
                  <td key={label} class="amount">
                    {values[place] ?? ''}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  )
}
