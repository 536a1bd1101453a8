/**
 * One chart over time: a strip of bars for each thing that is counted, below one another, so that none hides another. The same
 * as a table for those who do not see it. Loaded with the first chart.
 */
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
  /** All of it, where that says something. */
  readonly total?: number | string | undefined
  readonly colour: Colour
  readonly values: readonly (number | null)[]
}

const colourOf = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

/** Of a strip, and of the line of times below the last. */
const stripHeight = 64
const timesHeight = 44

/** Beijing time, whatever the browser's zone: what is shown is shifted, not what is meant. */
const inBeijing = (seconds: number) => uPlot.tzDate(new Date(seconds * 1_000), 'Asia/Shanghai')

const axis = () => ({
  stroke: colourOf('soft'),
  grid: { stroke: colourOf('line'), width: 1 },
  ticks: { stroke: colourOf('line'), width: 1 },
  font: '12px system-ui, sans-serif',
})

const mostOf = (values: ArrayLike<number | null | undefined>) =>
  Array.from(values).reduce<number>((most, value) => Math.max(most, value ?? 0), 0)

/** Seconds have parts, counts have none. */
const short = (value: number) => `${Number.isInteger(value) ? value : Number(value.toPrecision(2))}`

const heightOf = (withTimes: boolean) => stripHeight + (withTimes ? timesHeight : 0)

const bars = uPlot.paths.bars?.({ size: [0.7, 24, 2] })

const optionsFor = ({ label, colour }: Series, width: number, withTimes: boolean): uPlot.Options => ({
  width,
  height: heightOf(withTimes),
  tzDate: inBeijing,
  legend: { show: false },
  cursor: { show: false },
  padding: [6, 20, withTimes ? 0 : 6, 0],
  scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
  axes: [
    {
      ...axis(),
      show: withTimes,
      size: timesHeight,
      values: [
        [86_400, '{MM}-{DD}', null, null, null, null, null, null, 1],
        [3_600, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
        [60, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
      ],
    },
    {
      ...axis(),
      size: 44,
      // Nothing and the most of it: whatever the height, it can be told how high a bar is.
      splits: ({ data }) => [0, mostOf(data[1] ?? [])],
      values: (_, splits) => splits.map(short),
    },
  ],
  series: [
    {},
    {
      label,
      stroke: colourOf(colour),
      fill: colourOf(colour),
      width: 0,
      points: { show: false },
      ...(bars === undefined ? {} : { paths: bars }),
    },
  ],
})

function Strip({ at, series, withTimes }: { at: readonly Date[]; series: Series; withTimes: boolean }) {
  const frame = useRef<HTMLDivElement>(null)
  const drawn = useRef<uPlot>(undefined)
  const table: uPlot.AlignedData = [at.map((time) => time.getTime() / 1_000), [...series.values]]
  useEffect(() => {
    const around = frame.current
    if (around === null) return
    const plot = new uPlot(optionsFor(series, around.clientWidth, withTimes), table, around)
    drawn.current = plot
    const resized = new ResizeObserver(() =>
      plot.setSize({ width: around.clientWidth, height: heightOf(withTimes) }),
    )
    resized.observe(around)
    return () => {
      resized.disconnect()
      plot.destroy()
    }
  }, [series.label, withTimes, theme.value])
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
  // That all was in time is something that is known: its figures are no counts, and stand there though they are nothing.
  const isEmpty = series.every(
    ({ total, values }) =>
      typeof total !== 'string' && values.every((value) => value === null || value === 0),
  )
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
      <ul class="strips">
        {series.map((one, place) => (
          <li key={one.label}>
            <p class={`strip-name ${one.colour}`}>
              {one.label} {one.total === undefined ? null : <b>{one.total}</b>}
            </p>
            <Strip at={at} series={one} withTimes={place === series.length - 1} />
          </li>
        ))}
      </ul>
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
