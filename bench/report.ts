/** What the benchmark prints: tables that line up in plain text. Owns form and wording; measures nothing. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import type { Outcome } from './rounds.ts'
import type { ServerUnderTest, Usage } from './server-under-test.ts'
import { median } from './statistics.ts'

export const say = (line = '') => process.stdout.write(`${line}\n`)

/** First column to the left, the others to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

/** A dash for what could not be measured. */
const fixed = (value: number, digits: number) => (Number.isFinite(value) ? value.toFixed(digits) : '-')

export const machineLine = () =>
  [
    `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}`,
    `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    `${process.platform} ${process.arch}`,
    `Node ${process.versions.node}`,
    `load ${fixed(loadavg()[0] ?? Number.NaN, 2)}`,
  ].join(', ')

/** One start of the server and what it took. */
export interface Started extends Pick<ServerUnderTest, 'listeningMs' | 'readyMs'> {
  readonly usage: Usage | undefined
}

const startRow = (name: string, starts: readonly Started[]) => [
  name,
  String(starts.length),
  fixed(median(starts.map(({ listeningMs }) => listeningMs)), 0),
  fixed(median(starts.map(({ readyMs }) => readyMs)), 0),
  fixed(median(starts.map(({ usage }) => usage?.cpuMs ?? Number.NaN)), 0),
]

export const startTable = (cold: readonly Started[], warm: readonly Started[]) =>
  table(
    ['start', 'starts', 'listening ms', '/readyz ms', 'CPU ms'],
    [startRow('cold (new folder)', cold), startRow('warm (its folder)', warm)],
  )

const mebibytes = (usage: Usage | undefined) => fixed((usage?.rssBytes ?? Number.NaN) / 2 ** 20, 0)

export const memoryTable = (measured: readonly (readonly [string, Usage | undefined])[]) =>
  table(
    ['memory at rest', 'RSS MiB'],
    measured.map(([name, usage]) => [name, mebibytes(usage)]),
  )

export const callTable = ({ rows }: Outcome) =>
  table(
    [
      'POST /admin',
      'callers',
      'calls',
      'calls/s',
      'p50 ms',
      'p99 ms',
      'client CPU',
      'server CPU',
      'time ×',
      'CPU ×',
    ],
    rows.map((row) => [
      row.method,
      String(row.callers),
      String(row.calls),
      fixed(row.callsPerSecond, 0),
      fixed(row.p50, 2),
      fixed(row.p99, 2),
      fixed(row.clientCpu, 2),
      fixed(row.serverCpu, 2),
      fixed(row.timeRatio, 2),
      fixed(row.cpuRatio, 2),
    ]),
  )

const mostFaults = 5

/** Failed calls, the first few in full. */
export function faultLines({ calls, faults }: Outcome): string[] {
  if (faults.length === 0) return [`${calls} 次调用全部成功 / all ${calls} calls succeeded`]
  return [
    `${calls} 次调用中有 ${faults.length} 次失败 / ${faults.length} of ${calls} calls failed:`,
    ...faults.slice(0, mostFaults).map((fault) => `  ${fault}`),
  ]
}

export const notes = [
  '数字均为各轮的中位数。CPU 是每次调用的毫秒数，客户端的含签名；连接复用；日志按默认级别写入文件。',
  'Medians of rounds. CPU is ms a call, signing included; connections are kept; the log, level info, goes to a file.',
  '× 是与同一轮、同样并发下的 queryOrder 之比。机器有噪声：请看比值，不看绝对值。',
  '× compares with queryOrder of the same round and callers. Machines are noisy: ratios count, not the numbers.',
] as const
