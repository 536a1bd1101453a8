/** What the benchmark prints: tables that line up in plain text. Owns form and wording; measures nothing. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import type { Measured } from './measure.ts'
import type { Usage } from './process-usage.ts'
import { medians, type Outcome, type Read, ratio } from './rounds.ts'

export const say = (line = '') => process.stdout.write(`${line}\n`)

/** Text to the left, numbers to the right. @param texts how many columns are text */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  texts: number = 1,
): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column < texts ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

/** A dash for what could not be measured. */
export const fixed = (value: number, digits: number) => (Number.isFinite(value) ? value.toFixed(digits) : '-')

/** How loaded the machine is; the benchmark's own share included. */
export const loadLine = () =>
  `load ${loadavg()
    .map((load) => fixed(load, 2))
    .join(' ')}`

export const machineLine = () =>
  [
    `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}`,
    `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    `${process.platform} ${process.arch}`,
    `Node ${process.versions.node}`,
    loadLine(),
  ].join(', ')

export const mebibytes = (usage: Usage | undefined) => fixed((usage?.rssBytes ?? Number.NaN) / 2 ** 20, 0)

/** One kind of call, by so many callers, one way of making it. */
export interface Line {
  readonly what: string
  readonly by: string
  readonly callers: number
  readonly own: readonly Measured[]
  /** What it is compared with; left out: it is compared with nothing. */
  readonly reference?: readonly Measured[] | undefined
}

/** @param cpu what `CPU ×` compares */
export function callTable(title: string, lines: readonly Line[], cpu: Read): string {
  const rows = lines.map(({ what, by, callers, own, reference = [] }) => {
    const { calls, callsPerSecond, p50, p99, cpu: each, statements } = medians(own)
    const against = (read: Read) => fixed(ratio(own, reference, read), 2)
    return [
      what,
      by,
      String(callers),
      String(calls),
      fixed(callsPerSecond, 0),
      fixed(p50, 2),
      fixed(p99, 2),
      fixed(each.client, 3),
      fixed(each.server, 3),
      fixed(each.database, 3),
      fixed(1 / statements, 1),
      against((measured) => measured.callsPerSecond),
      against((measured) => measured.p50),
      against((measured) => measured.p99),
      against(cpu),
    ]
  })
  const head = [
    title,
    'by',
    'callers',
    'calls',
    'calls/s',
    'p50 ms',
    'p99 ms',
    'client CPU',
    'server CPU',
    'database CPU',
    'rows a statement',
    'rate ×',
    'p50 ×',
    'p99 ×',
    'CPU ×',
  ]
  return table(...withoutEmpty(head, rows), 2)
}

/** Columns in which nothing was measured are left out. */
function withoutEmpty(head: readonly string[], rows: readonly (readonly string[])[]): [string[], string[][]] {
  const told = head.map((_, column) => rows.some((row) => row[column] !== '-' && row[column] !== ''))
  const keep = (row: readonly string[]) => row.filter((_, column) => told[column])
  return [keep(head), rows.map(keep)]
}

const mostFaults = 5

/** Failed calls, the first few in full. */
export function faultLines({ calls, faults }: Pick<Outcome, 'calls' | 'faults'>): string[] {
  if (faults.length === 0) return [`${calls} 次调用全部成功 / all ${calls} calls succeeded`]
  return [
    `${calls} 次调用中有 ${faults.length} 次失败 / ${faults.length} of ${calls} calls failed:`,
    ...faults.slice(0, mostFaults).map((fault) => `  ${fault}`),
  ]
}

export const notes = [
  '数字均为各轮的中位数。CPU 是每次调用的毫秒数；签名在计时之前完成；连接复用。',
  'Medians of rounds. CPU is ms a call; requests are signed before the clock starts; connections are kept.',
  '× 是同一轮、同样并发下的比值。机器有噪声：请看比值，不看绝对值。',
  '× compares two of the same round and callers. Machines are noisy: ratios count, not the numbers.',
] as const
