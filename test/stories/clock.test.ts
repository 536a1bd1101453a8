/** The sandbox's clock, over `/sandbox/clock`. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isoTime } from '../../src/protocol/beijing-time.ts'
import { type Json, messageOf, refusedAs } from '../support/controls.ts'
import { ordered } from '../support/orders.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox } from '../support/sandbox.ts'

/** Real time stands unless a test moves it: then every answer about time is exact. */
let wall = new Date()
const later = (at: Date, ms: number) => new Date(at.getTime() + ms)

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [
      environmentNamed('documented', 'documented'),
      environmentNamed('observed', 'observed'),
      environmentNamed('empty', 'documented'),
      environmentNamed('untouched', 'documented'),
      environmentNamed('real', 'documented', { clock: 'real' }),
    ],
    world: { wallClock: () => wall, randomBytes },
  })
})
afterAll(() => sandbox.close())

const shopOf = (envId = 'documented') => sandbox.shop(envId)
const clock = (asked: object, envId = 'documented') =>
  sandbox.control('/sandbox/clock', { env_id: envId, ...asked })
const readClock = async (query: string) => {
  const response = await fetch(`${sandbox.url}/sandbox/clock?env_id=${query}`)
  return { status: response.status, json: (await response.json()) as Json }
}

test('a running clock follows real time from where it was set, and never back', async () => {
  const start = wall
  try {
    const { json } = await readClock('observed')
    const shown = new Date(String(json.now))
    expect(json).toEqual({ env_id: 'observed', now: isoTime(shown), mode: 'running' })
    wall = later(start, 90_000)
    expect((await readClock('observed')).json.now).toBe(isoTime(later(shown, 90_000)))
    const advanced = await clock({ advance: '1h' }, 'observed')
    expect(advanced.json).toEqual({
      env_id: 'observed',
      now: isoTime(later(shown, 3_690_000)),
      mode: 'running',
    })
    wall = later(start, 0)
    expect((await readClock('observed')).json.now, 'the wall clock was set back').toBe(
      isoTime(later(shown, 3_690_000)),
    )
  } finally {
    wall = start
  }
})

test('a frozen clock stands, can be advanced and set, and runs on from where it stands', async () => {
  const start = wall
  try {
    const { json } = await clock({ freeze: true }, 'observed')
    expect(json.mode).toBe('frozen')
    const shown = new Date(String(json.now))
    wall = later(start, 60_000)
    expect((await readClock('observed')).json).toEqual({
      env_id: 'observed',
      now: isoTime(shown),
      mode: 'frozen',
    })
    expect((await clock({ advance: '1d2h3m4s5ms' }, 'observed')).json).toEqual({
      env_id: 'observed',
      now: isoTime(later(shown, 93_784_005)),
      mode: 'frozen',
    })
    const set = later(shown, 100_000_000)
    expect((await clock({ set: set.toISOString() }, 'observed')).json).toMatchObject({
      now: isoTime(set),
      mode: 'frozen',
    })
    expect((await clock({ run: true }, 'observed')).json).toMatchObject({
      now: isoTime(set),
      mode: 'running',
    })
    wall = later(start, 61_000)
    expect((await readClock('observed')).json.now).toBe(isoTime(later(set, 1_000)))
  } finally {
    wall = start
  }
})

test('a clock can be set back as long as there are no orders, and not any more afterwards', async () => {
  const shop = shopOf('empty')
  const back = { set: '2020-02-29T00:00:00+08:00' }
  expect(await clock(back, 'empty')).toMatchObject({
    status: 200,
    json: { now: '2020-02-29T00:00:00.000+08:00' },
  })
  const tea = freshNumber()
  await ordered(shop, tea)
  await shop.setClock({ freeze: true })
  const { json: was } = await readClock('empty')
  const refused = await clock({ set: '2020-02-28T23:59:59+08:00' }, 'empty')
  expect(refused).toMatchObject(refusedAs(409, 'CLOCK_BACK'))
  expect(messageOf(refused.json)).toMatch(/there are orders, so time cannot go back/)
  expect((await readClock('empty')).json, 'the clock stands as it was').toEqual(was)
  expect(await clock({ set: '2020-02-29T00:05:00+08:00' }, 'empty'), 'forth').toMatchObject({ status: 200 })
  expect(await shop.closeOrder(tea), 'and the rules follow it').toMatchObject({ result_code: 'SUCCESS' })
})

test("another environment's clock is not moved", async () => {
  const { json: before } = await readClock('observed')
  await shopOf('documented').advance('1h')
  expect((await readClock('observed')).json).toEqual(before)
})

test('changes at once all happen', async () => {
  const { json } = await clock({ freeze: true }, 'observed')
  const shown = new Date(String(json.now))
  const answers = await Promise.all(Array.from({ length: 10 }, () => clock({ advance: '1m' }, 'observed')))
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
  expect((await readClock('observed')).json.now).toBe(isoTime(later(shown, 600_000)))
  await clock({ run: true }, 'observed')
})

test('signatures stay on real time, however far the clock is', async () => {
  const shop = shopOf('documented')
  await shop.advance('400d')
  expect(await shop.queryOrder(freshNumber())).toMatchObject({ err_code: 'ORDERNOTEXIST' })
})

test('an environment on real time tells it, and refuses every change', async () => {
  expect((await readClock('real')).json).toEqual({ env_id: 'real', now: isoTime(wall), mode: 'real' })
  for (const change of [
    { advance: '1m' },
    { set: '2099-01-01T00:00:00+08:00' },
    { freeze: true },
    { run: true },
  ]) {
    const refused = await clock(change, 'real')
    expect(refused, JSON.stringify(change)).toMatchObject(refusedAs(409, 'REAL_CLOCK'))
    expect(messageOf(refused.json)).toMatch(/real runs on real time, which cannot be changed/)
  }
})

const oneOf = /exactly one of advance, set, freeze, run and next/
const durations = /advance must look like "5m", "24h" or "1h30m"/
const moments = /set must be ISO 8601 with an offset/
// biome-ignore format: a table is read by its columns
const notMoving = [
  { asked: {}, status: 400, code: 'INVALID', says: oneOf },
  { asked: { advance: '1m', freeze: true }, status: 400, code: 'INVALID', says: oneOf },
  { asked: { run: true, freeze: true }, status: 400, code: 'INVALID', says: oneOf },
  { asked: { advance: '1m', set: '2099-01-01T00:00:00Z', freeze: true, run: true }, status: 400, code: 'INVALID', says: oneOf },
  { asked: { freeze: false }, status: 400, code: 'INVALID', says: /freeze must be true/ },
  { asked: { run: 'yes' }, status: 400, code: 'INVALID', says: /run must be true/ },
  { asked: { advance: 5 }, status: 400, code: 'INVALID', says: /advance must be text, got an integer/ },
  { asked: { advance: '' }, status: 400, code: 'INVALID', says: durations },
  { asked: { advance: '5' }, status: 400, code: 'INVALID', says: durations },
  { asked: { advance: '-5m' }, status: 400, code: 'INVALID', says: durations },
  { asked: { advance: '5 m' }, status: 400, code: 'INVALID', says: durations },
  { asked: { advance: '1.5h' }, status: 400, code: 'INVALID', says: durations },
  { asked: { advance: '5M' }, status: 400, code: 'INVALID', says: durations },
  { asked: { advance: '1w' }, status: 400, code: 'INVALID', says: durations },
  { asked: { advance: '1e3s' }, status: 400, code: 'INVALID', says: durations },
  { asked: { advance: '5m\n' }, status: 400, code: 'INVALID', says: durations },
  { asked: { set: '2099-12-01' }, status: 400, code: 'INVALID', says: moments },
  { asked: { set: '2099-12-01T00:00:00' }, status: 400, code: 'INVALID', says: moments },
  { asked: { set: '2099-02-31T00:00:00+08:00' }, status: 400, code: 'INVALID', says: moments },
  { asked: { set: '20991201000000' }, status: 400, code: 'INVALID', says: moments },
  { asked: { set: 4_000_000_000 }, status: 400, code: 'INVALID', says: /set must be text, got an integer/ },
  { asked: { advnce: '5m' }, status: 400, code: 'INVALID', says: /advnce/ },
  { asked: { advance: '5m', colour: 'red' }, status: 400, code: 'INVALID', says: /colour/ },
  { asked: { advance: '36500d' }, status: 409, code: 'CLOCK_TOO_FAR', says: /before 2100-01-01 00:00:00 Beijing time/ },
  { asked: { advance: '999999999d' }, status: 409, code: 'CLOCK_TOO_FAR', says: /before 2100-01-01/ },
  { asked: { advance: '999999999d'.repeat(40) }, status: 409, code: 'CLOCK_TOO_FAR', says: /before 2100-01-01/ },
  { asked: { set: '2100-01-01T00:00:00+08:00' }, status: 409, code: 'CLOCK_TOO_FAR', says: /before 2100-01-01/ },
  { asked: { set: '9999-12-31T23:59:59Z' }, status: 409, code: 'CLOCK_TOO_FAR', says: /before 2100-01-01/ },
  { asked: { set: '1999-12-31T23:59:59Z' }, status: 409, code: 'CLOCK_BACK', says: /there are orders/ },
  { asked: { env_id: 'nowhere', run: true }, status: 404, code: 'ENV_NOT_FOUND', says: /no environment nowhere/ },
  { asked: { env_id: '', run: true }, status: 400, code: 'INVALID', says: /env_id/ },
].map((row) => ({ ...row, change: JSON.stringify(row.asked).slice(0, 60) }))

test.each(notMoving)('a clock is not moved by $change', async ({ asked, status, code, says }) => {
  await ordered(shopOf(), freshNumber())
  const { json: before } = await readClock('documented')
  const refused = await clock(asked)
  expect(refused).toMatchObject(refusedAs(status, code))
  expect(messageOf(refused.json), 'says what to do').toMatch(says)
  expect((await readClock('documented')).json, 'the clock stands as it was').toEqual(before)
})

test('a clock goes back no further than its database can hold: a refusal, no internal error', async () => {
  const { json: before } = await readClock('untouched')
  for (const set of ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+14:00']) {
    const refused = await clock({ set }, 'untouched')
    expect([400, 409], `${set}: ${JSON.stringify(refused.json)}`).toContain(refused.status)
    expect((await readClock('untouched')).json, 'the clock stands as it was').toEqual(before)
  }
})

test('a clock that nobody has is not found, and a query that is none is refused', async () => {
  expect(await readClock('nowhere')).toMatchObject(refusedAs(404, 'ENV_NOT_FOUND'))
  expect(await readClock('documented&env_id=observed')).toMatchObject(refusedAs(400, 'INVALID'))
  expect(await readClock('documented&advance=1h')).toMatchObject(refusedAs(400, 'INVALID'))
})
