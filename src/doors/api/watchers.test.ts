import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, get, type Server } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { freshLedger } from '../../../test/support/databases.ts'
import { creation } from '../../../test/support/ledger-shop.ts'
import { environmentNamed } from '../../../test/support/sandbox.ts'
import { createOrder } from '../../ledger/create-order.ts'
import type { Db } from '../../ledger/db/db.ts'
import { type Environment, environmentSettingSchema } from '../../ledger/environments.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { openTallies, type TallyName } from '../../ledger/tallies.ts'
import { openWatchers, type Watchers } from './watchers.ts'

const minuteMs = 60_000

let db: Db
let ledger: Ledger
beforeAll(async () => {
  ;({ db, ledger } = await freshLedger())
})
afterAll(() => db.close())

/** Orders of the ledger's tests are of this environment. */
const environment: Environment = {
  ...environmentSettingSchema.parse(environmentNamed('ledger', 'observed', { clock: 'real' })),
  directMerchants: [],
}

let wall = 0
/** The clock of pauses is so much further. */
let ahead = 0
const world = { wallClock: () => new Date(wall), randomBytes }
let watchers: Watchers
let server: Server
let port = 0
/** What the database does before it answers. */
let delay: (sql: string) => Promise<unknown> = async () => {}

beforeEach(async () => {
  wall = Date.UTC(2026, 10, 26, 12, 9, 30)
  ahead = 0
  delay = async () => {}
  for (const table of ['orders', 'tallies']) await db.rows(`delete from ${table}`)
  const slow: Ledger = {
    ...ledger,
    db: {
      ...db,
      async rows<Row>(sql: string, ...more: [params?: readonly unknown[], options?: object]) {
        await delay(sql)
        return db.rows<Row>(sql, ...more)
      },
    },
  }
  watchers = openWatchers({ ledger: slow, world, nowMs: () => performance.now() + ahead })
  server = createServer((_, response) => {
    watchers.watch(environment, response).then(
      (isIn) => isIn || response.writeHead(503).end(),
      () => response.destroy(),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterEach(() => {
  watchers.close()
  server.closeAllConnections()
  server.close()
})

const listsOrders = (sql: string) => sql.includes('from orders x')

function page() {
  const heard = { text: '', hasEnded: false }
  const asked = get({ port, host: '127.0.0.1', agent: false }, (answer) => {
    answer.setEncoding('utf8').on('data', (piece: string) => {
      heard.text += piece
    })
    answer.on('error', () => {})
    answer.on('close', () => {
      heard.hasEnded = true
    })
  })
  asked.on('error', () => {
    heard.hasEnded = true
  })
  const events = (): { requests: boolean; callbacks: boolean; orders: { out_trade_no: string }[] }[] =>
    heard.text
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice('data: '.length)))
  return {
    events,
    numbers: () => events().flatMap(({ orders }) => orders.map(({ out_trade_no }) => out_trade_no)),
    leave: () => asked.destroy(),
    hasEnded: () => heard.hasEnded,
  }
}

const within = { timeout: 10_000 }
const isThere = (one: ReturnType<typeof page>) =>
  expect.poll(() => one.events().length, within).toBeGreaterThanOrEqual(1)

/** As something happens: the order, and what is counted of it. */
async function happens(outTradeNo: string, names: readonly TallyName[] = ['calls', 'ordered']) {
  await createOrder(ledger, creation(ledger, outTradeNo))
  const tallies = openTallies(ledger, world, () => {})
  for (const name of names) tallies.count('ledger', name)
  await tallies.close()
}

test('what happens as an equal count grows too old is told all the same', async () => {
  await happens('OLD')
  const seen = page()
  await isThere(seen)
  wall += 11 * minuteMs
  await happens('NEW')
  await expect.poll(seen.numbers, { ...within, message: 'the order' }).toContain('NEW')
  await expect
    .poll(() => seen.events().filter(({ requests }) => requests).length, { ...within, message: 'its call' })
    .toBe(2)
})

test('that counts grow too old is no news', async () => {
  await happens('OLD')
  const seen = page()
  await isThere(seen)
  wall += 11 * minuteMs
  await pause(2_500)
  expect(seen.events().length).toBe(1)
})

test('who come at once both hear what happens meanwhile', async () => {
  let lists = 0
  delay = async (sql) => {
    if (!listsOrders(sql) || ++lists !== 2) return
    delay = async () => {}
    await happens('MEANWHILE')
    await pause(200)
  }
  const [one, other] = [page(), page()]
  await Promise.all([isThere(one), isThere(other)])
  await happens('LATER')
  for (const { numbers } of [one, other]) {
    await expect.poll(numbers, within).toContain('LATER')
    expect(numbers()).toContain('MEANWHILE')
  }
})

test('a wall clock that is set back silences nobody', async () => {
  const seen = page()
  await isThere(seen)
  await happens('BEFORE')
  await expect.poll(seen.numbers, within).toContain('BEFORE')
  wall -= 60 * minuteMs
  await happens('BACK')
  await expect.poll(seen.numbers, within).toContain('BACK')
})

test('who waits for a first look is not forgotten as another leaves, and hears the end', async () => {
  let isLooking = false
  delay = async (sql) => {
    if (!listsOrders(sql)) return
    isLooking = true
    await pause(400)
  }
  const gone = page()
  await expect.poll(() => isLooking, within).toBe(true)
  const stays = page()
  await pause(100)
  gone.leave()
  await isThere(stays)
  await happens('NEWS')
  await expect.poll(stays.numbers, within).toContain('NEWS')
  watchers.close()
  await expect.poll(stays.hasEnded, { ...within, message: 'its end' }).toBe(true)
})

test('who waits for a first look as the server stops is let go', async () => {
  let isLooking = false
  delay = async (sql) => {
    if (!listsOrders(sql)) return
    isLooking = true
    await pause(300)
  }
  const waits = page()
  await expect.poll(() => isLooking, within).toBe(true)
  watchers.close()
  await expect.poll(waits.hasEnded, within).toBe(true)
  expect(waits.events()).toEqual([])
})

test('orders are told though nothing was counted, and a first look that failed is made again', async () => {
  delay = async (sql) => {
    if (listsOrders(sql)) throw new Error('the database is away')
  }
  const early = page()
  await expect.poll(early.hasEnded, within).toBe(true)
  delay = async () => {}
  const seen = page()
  await isThere(seen)
  await happens('UNCOUNTED', [])
  ahead = 16_000
  await expect.poll(seen.numbers, within).toContain('UNCOUNTED')
})
