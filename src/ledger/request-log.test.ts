import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { cuttable, type Line } from '../../test/support/cuttable.ts'
import { freshStore, partsAsked } from '../../test/support/databases.ts'
import { type Ledger, migrateLedger, openLedger } from './ledger.ts'
import { maxWaiting, openRequestLog } from './request-log.ts'
import { type CallRecord, keptMs, listRequests, pruneRequests } from './requests.ts'

let ledger: Ledger
let line: Line
beforeAll(async () => {
  const store = await freshStore()
  await migrateLedger(store.db, new Date(0))
  const cut = cuttable(store.db)
  line = cut.line
  ledger = await openLedger(cut.db, { lanes: store.lanes, parts: partsAsked })
})
afterAll(() => ledger.db.close())
beforeEach(async () => {
  line.cut = 'nowhere'
  await ledger.db.rows('delete from requests')
})

const start = Date.UTC(2026, 10, 23)
let calls = 0
/** The next call, a millisecond after the last. */
const call = (more: Partial<CallRecord> = {}): CallRecord => {
  calls++
  return {
    id: calls.toString(16).padStart(10, '0'),
    at: new Date(start + calls),
    door: 'cloud-function',
    method: 'closeOrder',
    envId: 'tea',
    outcome: 'closed',
    status: 200,
    ms: 1.5,
    ...more,
  }
}

const openLog = () => {
  const lost: number[] = []
  let failures = 0
  const log = openRequestLog(
    ledger,
    { wallClock: () => new Date(start + calls) },
    {
      dropped: (rows) => lost.push(rows),
      failed: () => {
        failures++
      },
    },
  )
  return { log, lost: () => lost.reduce((sum, rows) => sum + rows, 0), failures: () => failures }
}

const count = async () =>
  (await ledger.db.rows<{ calls: number }>('select count(*)::int as calls from requests'))[0]?.calls ?? 0

test('what was noted is listed as it was, newest first, by environment and page', async () => {
  const { log } = openLog()
  const noted = [
    call({ subMchId: '1900000109', outTradeNo: 'TEA-1', outcome: 'too-early', why: 'wait until 9:05' }),
    call({ outcome: 'unknown', fault: 'the line is cut', ms: 8000.25 }),
    call(),
  ]
  const foreign = call({ envId: 'coffee' })
  const nobodys = call({ envId: undefined, method: undefined, outcome: 'SIGN_PARAM_INVALID' })
  for (const one of [...noted, foreign, nobodys]) log.note(one)
  await log.flush()

  const listed = await listRequests(ledger, { envId: 'tea', limit: 10 })
  expect(listed).toEqual(noted.toReversed())
  expect(await listRequests(ledger, { envId: 'tea', limit: 2 })).toEqual(listed.slice(0, 2))
  const [, second] = listed
  expect(second && (await listRequests(ledger, { envId: 'tea', limit: 2, before: second }))).toEqual(
    listed.slice(2),
  )
  expect(await listRequests(ledger, { envId: 'coffee', limit: 10 })).toEqual([foreign])
  expect(await listRequests(ledger, { envId: '', limit: 10 })).toEqual([nobodys])
  await log.close()
})

test('calls of one millisecond are paged without a gap or a repetition', async () => {
  const { log } = openLog()
  const at = new Date(start)
  const noted = Array.from({ length: 5 }, () => call({ at }))
  for (const one of noted) log.note(one)
  await log.close()
  const seen: string[] = []
  let before: CallRecord | undefined
  for (let page = 0; page < 5; page++) {
    const [next] = await listRequests(ledger, { envId: 'tea', limit: 1, ...(before && { before }) })
    before = next
    seen.push(next?.id ?? '')
  }
  expect(seen).toEqual(noted.map(({ id }) => id).toReversed())
})

test('what no database could store, or nobody could read, is made storable and short', async () => {
  const { log, failures } = openLog()
  const check = { part: 'body', zh: '半个\ud83c', en: 'a\0b \\u0000', canonical: '\\u0000\\ud800"\n' }
  log.note(call({ signed: check }))
  log.note(call({ outTradeNo: 'TEA\0\ud800', why: '关'.repeat(100_000), method: 'x'.repeat(1_000_000) }))
  await log.close()
  const [listed] = await listRequests(ledger, { envId: 'tea', limit: 1 })
  expect(listed).toMatchObject({ outTradeNo: 'TEA?\ufffd', why: '关'.repeat(300), method: 'x'.repeat(64) })
  const [, checked] = await listRequests(ledger, { envId: 'tea', limit: 2 })
  expect(checked?.signed).toEqual({ ...check, zh: '半个\ufffd', en: 'a?b \\u0000' })
  expect(failures()).toBe(0)
})

test('while the database is away calls wait, and are written when it is back', async () => {
  const { log, lost, failures } = openLog()
  line.cut = 'before'
  const noted = [call(), call()]
  for (const one of noted) log.note(one)
  await log.flush()
  await log.flush()
  expect(log.waiting()).toBe(2)
  expect(failures()).toBe(2)
  line.cut = 'nowhere'
  noted.push(call())
  for (const one of noted.slice(2)) log.note(one)
  await log.flush()
  expect(await listRequests(ledger, { envId: 'tea', limit: 10 })).toEqual(noted.toReversed())
  expect(lost()).toBe(0)
  await log.close()
})

test('a call whose writing was not confirmed is there once', async () => {
  const { log } = openLog()
  log.note(call())
  line.cut = 'after'
  await log.flush()
  expect(log.waiting()).toBe(1)
  line.cut = 'nowhere'
  await log.flush()
  expect(log.waiting()).toBe(0)
  expect(await count()).toBe(1)
  await log.close()
})

test('calls that the database refuses are dropped, counted and never sent again', async () => {
  const { log, lost, failures } = openLog()
  await ledger.db.rows('alter table requests rename to elsewhere')
  try {
    log.note(call())
    await log.flush()
  } finally {
    await ledger.db.rows('alter table elsewhere rename to requests')
  }
  expect({ lost: lost(), waiting: log.waiting() }).toEqual({ lost: 1, waiting: 0 })
  expect(failures()).toBeGreaterThan(0)
  await log.close()
})

test('a flood stays within its bound, keeps the newest, and every call is written or counted as lost', async () => {
  const { log, lost } = openLog()
  line.cut = 'before'
  const flood = maxWaiting + 2_000
  for (let sent = 0; sent < flood; sent++) {
    log.note(call())
    if (sent % 1_000 === 0) expect(log.waiting()).toBeLessThanOrEqual(maxWaiting)
    // One batch is on its way while more arrive.
    if (sent === flood - 100) void log.flush()
  }
  const newest = call()
  log.note(newest)
  await log.flush()
  expect(log.waiting()).toBeLessThanOrEqual(maxWaiting)
  line.cut = 'nowhere'
  await log.flush()
  expect(lost()).toBeGreaterThanOrEqual(2_001)
  expect((await count()) + lost()).toBe(flood + 1)
  expect(await listRequests(ledger, { envId: 'tea', limit: 1 })).toEqual([newest])
  await log.close()
})

test('pruning takes the old and what is beyond the number, and keeps the newest, of each environment', async () => {
  const { log } = openLog()
  const now = new Date(start + calls)
  const at = (ms: number) => new Date(now.getTime() - ms)
  const old = call({ at: at(keptMs + 1) })
  const fresh = [call({ at: at(keptMs) }), call({ at: at(1_000) }), call({ at: at(0) })]
  const foreign = call({ at: at(keptMs - 1), envId: 'coffee' })
  for (const one of [old, ...fresh, foreign]) log.note(one)
  await log.close()
  expect(await count()).toBe(5)

  await pruneRequests(ledger, 'tea', now)
  expect(await listRequests(ledger, { envId: 'tea', limit: 10 })).toEqual(fresh.toReversed())
  await pruneRequests(ledger, 'tea', now, 2)
  expect(await listRequests(ledger, { envId: 'tea', limit: 10 })).toEqual(fresh.slice(1).toReversed())
  expect(await listRequests(ledger, { envId: 'coffee', limit: 10 })).toEqual([foreign])
})

test('what earlier runs left is pruned with the first flush, nobody’s calls too', async () => {
  const { log: earlier } = openLog()
  earlier.note(call({ at: new Date(start - keptMs), envId: undefined }))
  await earlier.close()
  const { log } = openLog()
  log.note(call())
  await log.flush()
  // It is under way: this hears when it is through.
  await log.prune()
  expect(await count()).toBe(1)
  await log.close()
})

test('a stop does not wait for a database that is away, and says what is lost; a closed log takes nothing', async () => {
  const { log, lost } = openLog()
  line.cut = 'before'
  log.note(call())
  await log.close()
  expect(lost()).toBe(1)
  log.note(call())
  expect(log.waiting()).toBe(0)
})

test('a stop does not wait for a database that says nothing', async () => {
  const { log, lost } = openLog()
  let release = () => {}
  line.held = new Promise((resolve) => {
    release = resolve
  })
  for (let noted = 0; noted < 1_000; noted++) log.note(call())
  await log.close()
  line.held = undefined
  release()
  // Of those that were on their way nobody knows.
  expect(lost()).toBeGreaterThanOrEqual(500)
})
