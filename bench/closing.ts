/**
 * `npm run bench -- closing [--millions N]`: orders that fall due, and how soon each is closed, by one gateway and by two; against job
 * queues on the same PostgreSQL whose jobs do the same update; beside many more that stay open; beside callers. Durable.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSink } from './callback-sink.ts'
import { environmentWith, orderPattern, startGateway } from './closing-bench.ts'
import { type BesideSize, besideCallers } from './closing-beside-callers.ts'
import { type LatenessSize, lateness } from './closing-lateness.ts'
import { compareRates } from './closing-rates.ts'
import { openDatabase } from './database.ts'
import { notes, say } from './report.ts'
import type { Section } from './section.ts'

interface Size extends LatenessSize {
  readonly rounds: number
  /** Due at one moment, in a round. */
  readonly due: number
  readonly beside: BesideSize
}

const usual: Size = {
  rounds: 3,
  due: 20_000,
  open: 1_000_000,
  falling: 100_000,
  seconds: 60,
  looks: 21,
  beside: { rounds: 3, seconds: 20, dueASecond: 1_000 },
}
const quick: Size = {
  rounds: 1,
  due: 5_000,
  open: 50_000,
  falling: 5_000,
  seconds: 10,
  looks: 5,
  beside: { rounds: 1, seconds: 5, dueASecond: 500 },
}

async function run(base: string, size: Size, millions: number | undefined): Promise<void> {
  const database = await openDatabase(120)
  const sink = await openSink()
  const config = join(base, 'environments.json')
  writeFileSync(config, JSON.stringify({ environments: [environmentWith(sink.url)] }))
  const bench = { database, base, config }
  try {
    const first = await startGateway(bench)
    await orderPattern(first)
    await first.stop()
    await compareRates(bench, size)
    say()
    const many = millions === undefined ? [] : [Math.round(millions * 1_000_000)]
    await lateness(bench, [size.open, ...many.filter((open) => open > size.open)], size)
    say()
    await besideCallers(bench, size.beside)
    for (const line of notes.slice(2)) say(line)
  } finally {
    await sink.close()
    await database.close()
  }
}

export const closing: Section = {
  title: '到期关单，对比任务队列，提交落盘 / closing what is due, against job queues, durable',
  run: (base, { isQuick, millions }) => run(base, isQuick ? quick : usual, millions),
}
