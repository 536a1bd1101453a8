/**
 * `npm run bench -- doors`: the whole path of a call, from its bytes to its answer's, through every door of a server
 * that is a process of its own, against bare single-row statements on the same PostgreSQL. Commits are durable.
 */

import { asked, creation, minute } from '../test/support/ledger-shop.ts'
import type { BareDriver } from './bare-drivers.ts'
import { openDrivers } from './bare-drivers.ts'
import { bareClose, bareCreate } from './bare-statements.ts'
import { bareCell, type ComparedCell, comparedLines, fasterDriver } from './comparison.ts'
import { type Database, openDatabase } from './database.ts'
import { type DoorOn, doorCell, pairsOf } from './door-calls.ts'
import { launchWithDoors } from './doors-under-test.ts'
import { measure } from './measure.ts'
import { callTable, faultLines, notes, say } from './report.ts'
import { type Plan, runRounds, wholeCpu } from './rounds.ts'
import type { Section } from './section.ts'
import { newStock } from './stock.ts'

interface Size extends Plan {
  /** Orders and closes through each door before anything is measured: a young process compiles as it goes. */
  readonly warmUpPairs: number
}

const usual: Size = { rounds: 5, secondsEach: 0.5, warmUpPairs: 3_000 }
const quick: Size = { rounds: 2, secondsEach: 0.15, warmUpPairs: 1_500 }

const callerCounts = [1, 16, 64]
const methods = ['unifiedOrder', 'closeOrder'] as const
type Method = (typeof methods)[number]

/** The bare statements' own orders: another tenant's, in the same table. */
function bareCells(drivers: readonly BareDriver[]) {
  const stock = newStock('BARE')
  const ledger = { parts: 1 }
  const statement = (method: Method) => {
    if (method === 'unifiedOrder') return bareCreate(creation(ledger, stock.order()))
    const open = stock.close()
    if (open === undefined) throw new Error('no order left to close')
    return bareClose(asked(ledger, open, minute(6)))
  }
  const statements = (method: Method, count: number) => Array.from({ length: count }, () => statement(method))
  return (method: Method, callers: number): ComparedCell[] =>
    drivers.map((driver) =>
      bareCell(method, callers, driver, async (count) => {
        const missing = method === 'closeOrder' ? count - stock.open() : 0
        const placing = statements('unifiedOrder', Math.max(0, missing))
        await measure(
          16,
          placing.map((one) => (caller: number) => driver.run(caller, one)),
        )
        return statements(method, count)
      }),
    )
}

const throughDoor = (on: DoorOn, method: Method, callers: number): ComparedCell => ({
  ...doorCell(on, method, callers),
  by: on.door.name,
  isBare: false,
})

async function rounds(base: string, database: Database, size: Size): Promise<void> {
  const { server, doors, close } = await launchWithDoors(base, database.url)
  const most = callerCounts.reduce((one, other) => Math.max(one, other))
  const drivers = await openDrivers(database.server, database.url, most)
  try {
    for (const on of doors) {
      let left = size.warmUpPairs
      await measure(
        most,
        pairsOf(on, most, () => left-- > 0),
      )
    }
    const bare = bareCells(drivers)
    const cells = callerCounts.flatMap((callers) =>
      methods.flatMap((method) => [
        ...bare(method, callers),
        ...doors.map((on) => throughDoor(on, method, callers)),
      ]),
    )
    const meters = { server: server.cpuMs, database: database.cpuMs }
    const outcome = await runRounds(cells, size, { meters, check: server.assertAlive })
    say(callTable('call', comparedLines(cells, outcome), wholeCpu))
    say()
    for (const line of [fasterDriver(cells, outcome), ...faultLines(outcome), ...notes]) say(line)
    say('这里的 CPU × 是客户端、服务端与数据库之和。/ Here CPU × is client, server and database together.')
  } finally {
    await Promise.all(drivers.map((driver) => driver.close()))
    await close()
  }
}

async function run(base: string, size: Size): Promise<void> {
  const database = await openDatabase(callerCounts.reduce((most, one) => Math.max(most, one)) * 2)
  try {
    await rounds(base, database, size)
  } finally {
    await database.close()
  }
}

export const doors: Section = {
  title: '各入口全程，对比单条语句，提交落盘 / every door, the whole path, against bare statements, durable',
  run: (base, { isQuick }) => run(base, isQuick ? quick : usual),
}
