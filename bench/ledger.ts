/**
 * `npm run bench -- ledger`: commands through the ledger's batcher, opened as the program opens it, against one
 * statement each from as many connections, on a PostgreSQL whose commits are durable.
 */
import { randomBytes } from 'node:crypto'
import { readConfig } from '../src/app/config.ts'
import { prepareLedger } from '../src/app/store.ts'
import { closeOrder } from '../src/ledger/close-order.ts'
import { createOrder } from '../src/ledger/create-order.ts'
import type { Ledger } from '../src/ledger/ledger.ts'
import { findOrder } from '../src/ledger/order.ts'
import { asked, creation, minute } from '../test/support/ledger-shop.ts'
import { type BareDriver, openDrivers } from './bare-drivers.ts'
import { type BareStatement, bareClose, bareCreate, bareFind } from './bare-statements.ts'
import { bareCell, type ComparedCell, comparedLines, fasterDriver } from './comparison.ts'
import { openDatabase } from './database.ts'
import { measure } from './measure.ts'
import { callTable, faultLines, notes, say } from './report.ts'
import { type Plan, runRounds } from './rounds.ts'
import type { Section } from './section.ts'
import { newStock, type Stock } from './stock.ts'

interface Size extends Plan {
  /** There before anything is measured. */
  readonly orders: number
}

const usual: Size = { rounds: 5, secondsEach: 0.6, orders: 20_000 }
const quick: Size = { rounds: 3, secondsEach: 0.15, orders: 2_000 }

const callerCounts = [1, 64, 256]
const commands = ['create', 'close', 'find'] as const
type Command = (typeof commands)[number]
const placingCallers = 256

interface Shop {
  readonly ledger: Ledger
  readonly stock: Stock
}

/** The number of the command's next order. */
function takeFrom(stock: Stock, command: Command): string {
  const taken = { create: stock.order, close: stock.close, find: stock.find }[command]()
  if (taken === undefined) throw new Error(`no order left to ${command}`)
  return taken
}

/** Orders are closable from minute 5 on. */
const closing = (ledger: Ledger, outTradeNo: string) => asked(ledger, outTradeNo, minute(6))

const bare: Record<Command, (ledger: Ledger, outTradeNo: string) => BareStatement> = {
  create: (ledger, outTradeNo) => bareCreate(creation(ledger, outTradeNo)),
  close: (ledger, outTradeNo) => bareClose(closing(ledger, outTradeNo)),
  find: (ledger, outTradeNo) => bareFind(closing(ledger, outTradeNo)),
}

function wanted(is: boolean, command: Command): void {
  if (!is) throw new Error(`${command} did not do what it was asked`)
}

const batched: Record<Command, (ledger: Ledger, outTradeNo: string) => () => Promise<void>> = {
  create(ledger, outTradeNo) {
    const command = creation(ledger, outTradeNo)
    return async () => wanted((await createOrder(ledger, command)) !== undefined, 'create')
  },
  close(ledger, outTradeNo) {
    const command = closing(ledger, outTradeNo)
    return async () => wanted('moved' in (await closeOrder(ledger, command)), 'close')
  },
  find(ledger, outTradeNo) {
    const command = closing(ledger, outTradeNo)
    return async () => wanted((await findOrder(ledger, command)) !== undefined, 'find')
  },
}

function cellsFor(shop: Shop, drivers: readonly BareDriver[]): ComparedCell[] {
  const { ledger, stock } = shop
  const batchedJobs = (command: Command, count: number) =>
    Array.from({ length: count }, () => batched[command](ledger, takeFrom(stock, command)))
  /** Orders to close are placed beforehand. */
  const place = async (command: Command, count: number) => {
    const missing = command === 'close' ? count - stock.open() : 0
    if (missing > 0) await measure(placingCallers, batchedJobs('create', missing))
  }
  const cellOf = (command: Command, callers: number): ComparedCell => ({
    name: command,
    by: 'batched',
    callers,
    isBare: false,
    async jobs(count) {
      await place(command, count)
      return batchedJobs(command, count)
    },
  })
  return callerCounts.flatMap((callers) =>
    commands.flatMap((command) => [
      cellOf(command, callers),
      ...drivers.map((driver) =>
        bareCell(command, callers, driver, async (count) => {
          await place(command, count)
          return Array.from({ length: count }, () => bare[command](ledger, takeFrom(stock, command)))
        }),
      ),
    ]),
  )
}

async function run(base: string, size: Size): Promise<void> {
  const database = await openDatabase(callerCounts.reduce((most, one) => Math.max(most, one)) * 2)
  let statements = 0
  const world = { wallClock: () => new Date(), randomBytes }
  const { ledger, stopClock } = await prepareLedger(
    readConfig({ data: base }, { DATABASE_URL: database.url }),
    world,
    undefined,
    { batch: () => statements++, database: () => {} },
  )
  const drivers = await openDrivers(database.server, database.url, 256)
  try {
    const stock = newStock('L')
    const cells = cellsFor({ ledger, stock }, drivers)
    await measure(placingCallers, (await cells[0]?.jobs(size.orders)) ?? [])
    await database.ask('vacuum analyze')
    const meters = { database: database.cpuMs, statements: () => statements }
    const outcome = await runRounds(cells, size, { meters })
    say(callTable('command', comparedLines(cells, outcome), ({ cpu }) => cpu.client))
    say()
    for (const line of [fasterDriver(cells, outcome), ...faultLines(outcome), ...notes]) say(line)
    say('这里的 CPU × 只算客户端（本进程）。/ Here CPU × is the client alone, which is this process.')
  } finally {
    await Promise.all(drivers.map((driver) => driver.close()))
    stopClock()
    await ledger.db.close()
    await database.close()
  }
}

export const ledger: Section = {
  title:
    '账本命令成批执行，对比每条命令一条语句，提交落盘 / batched commands against single statements, durable',
  run: (base, { isQuick }) => run(base, isQuick ? quick : usual),
}
