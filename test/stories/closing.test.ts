/** Orders that nobody pays are closed when their time is up: by whom, when, and what their callers hear afterwards. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wireTime } from '../../src/protocol/beijing-time.ts'
import { atRest, ordered, paid } from '../support/orders.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox, type Shop } from '../support/sandbox.ts'

/** As it is where nobody says otherwise. */
const usual = { closeAtTimeExpire: undefined, closeAfterSevenDays: undefined }

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [
      environmentNamed('documented', 'documented', usual),
      environmentNamed('observed', 'observed', usual),
      environmentNamed('half-hour', 'documented', { ...usual, closeAfter: '30m' }),
      environmentNamed('hands-off', 'documented', { closeAtTimeExpire: false, closeAfterSevenDays: false }),
      environmentNamed('days-only', 'documented', { ...usual, closeAtTimeExpire: false }),
    ],
  })
})
afterAll(() => sandbox.close())

const shopOf = (envId: string) => sandbox.shop(envId)
const stateOf = async (shop: Shop, tea: string) => (await shop.queryOrder(tea)).trade_state
const inFuture = async (shop: Shop, minutes: number) =>
  wireTime(new Date((await shop.now()).getTime() + minutes * 60_000))

const lastEvent = async (shop: Shop, tea: string) => (await shop.eventsOf(tea)).at(-1)

describe.each(['documented', 'observed'])('%s', (envId) => {
  const shop = () => shopOf(envId)

  test('at its time_expire, to the millisecond', async () => {
    await atRest(shop(), async () => {
      const tea = freshNumber()
      await ordered(shop(), tea, { time_expire: await inFuture(shop(), 10) })
      const end = new Date(Math.floor(((await shop().now()).getTime() + 600_000) / 1_000) * 1_000)
      await shop().setClock({ set: new Date(end.getTime() - 1).toISOString() })
      expect(await stateOf(shop(), tea)).toBe('NOTPAY')
      await shop().advance('1ms')
      expect(await stateOf(shop(), tea)).toBe('CLOSED')
      expect(await lastEvent(shop(), tea)).toEqual({
        event: 'closed',
        by: 'engine',
        why: 'time_expire',
        at: end.toISOString(),
        due: end.toISOString(),
      })
    })
  })

  test('after seven days, where it has no time of its own', async () => {
    await atRest(shop(), async () => {
      const tea = freshNumber()
      await ordered(shop(), tea)
      await shop().advance('6d23h59m59s')
      expect(await stateOf(shop(), tea)).toBe('NOTPAY')
      await shop().advance('1s')
      expect(await stateOf(shop(), tea)).toBe('CLOSED')
      expect(await lastEvent(shop(), tea)).toMatchObject({ by: 'engine', why: 'seven_days' })
    })
  })

  test('a fresh prepay changes nothing about it', async () => {
    const tea = freshNumber()
    await ordered(shop(), tea)
    await shop().advance('6d')
    await ordered(shop(), tea)
    await shop().advance('1d')
    expect(await stateOf(shop(), tea)).toBe('CLOSED')
  })

  test('a paid order stays paid, and one that its shop closed stays closed by the shop', async () => {
    const [bought, dropped] = [freshNumber(), freshNumber()]
    await paid(shop(), bought)
    await ordered(shop(), dropped)
    await shop().advance('5m')
    expect(await shop().closeOrder(dropped)).toMatchObject({ result_code: 'SUCCESS' })
    await shop().advance('8d')
    expect(await stateOf(shop(), bought)).toBe('SUCCESS')
    expect(await shop().eventsOf(dropped)).toMatchObject([
      { event: 'ordered' },
      { event: 'closed', by: 'caller' },
    ])
  })

  test('a shop that closes it later hears what the contract says, and nobody can pay it', async () => {
    const tea = freshNumber()
    const time_expire = await inFuture(shop(), 10)
    await ordered(shop(), tea, { time_expire })
    await shop().advance('11m')
    expect(await shop().closeOrder(tea)).toMatchObject(
      envId === 'documented' ? { err_code: 'ORDERCLOSED' } : { result_code: 'SUCCESS' },
    )
    expect(await shop().pay({ out_trade_no: tea })).toMatchObject({ json: { error: { code: 'CLOSED' } } })
    expect(await shop().unifiedOrder(tea, { time_expire })).toMatchObject({
      err_code: envId === 'documented' ? 'ORDERCLOSED' : 'INVALID_REQUEST',
    })
  })
})

test('documented: one that is out of time within five minutes cannot be paid, and is closed once it is five minutes old', async () => {
  const shop = shopOf('documented')
  await atRest(shop, async () => {
    const tea = freshNumber()
    await ordered(shop, tea, { time_expire: await inFuture(shop, 2) })
    await shop.advance('2m')
    expect(await shop.pay({ out_trade_no: tea })).toMatchObject({ json: { error: { code: 'EXPIRED' } } })
    await shop.advance('2m59s')
    expect(await stateOf(shop, tea)).toBe('NOTPAY')
    await shop.advance('1s')
    expect(await stateOf(shop, tea)).toBe('CLOSED')
  })
})

test('closeAfter: the environment gives every order half an hour, and less where it has less itself', async () => {
  const shop = shopOf('half-hour')
  await atRest(shop, async () => {
    const [tea, brief] = [freshNumber(), freshNumber()]
    await ordered(shop, tea)
    await ordered(shop, brief, { time_expire: await inFuture(shop, 10) })
    await shop.advance('29m59s')
    expect([await stateOf(shop, tea), await stateOf(shop, brief)]).toEqual(['NOTPAY', 'CLOSED'])
    await shop.advance('1s')
    expect(await stateOf(shop, tea)).toBe('CLOSED')
    expect(await lastEvent(shop, tea)).toMatchObject({ why: 'close_after' })
  })
})

test('switched off, the engine closes nothing: the order is out of time, and its shop closes it', async () => {
  const shop = shopOf('hands-off')
  const [tea, own] = [freshNumber(), freshNumber()]
  await ordered(shop, tea)
  await ordered(shop, own, { time_expire: await inFuture(shop, 10) })
  await shop.advance('30d')
  for (const one of [tea, own]) {
    expect(await stateOf(shop, one)).toBe('NOTPAY')
    expect(await shop.pay({ out_trade_no: one })).toMatchObject({ json: { error: { code: 'EXPIRED' } } })
    expect(await shop.closeOrder(one)).toMatchObject({ result_code: 'SUCCESS' })
  }
})

test('with time_expire switched off alone, the seven days still close it', async () => {
  const shop = shopOf('days-only')
  const tea = freshNumber()
  await ordered(shop, tea, { time_expire: await inFuture(shop, 10) })
  await shop.advance('1d')
  expect(await stateOf(shop, tea)).toBe('NOTPAY')
  await shop.advance('6d')
  expect(await lastEvent(shop, tea)).toMatchObject({ event: 'closed', why: 'seven_days' })
})

test('nobody asks, and no clock is moved by hand: a running clock closes it by itself', async () => {
  const shop = shopOf('observed')
  const tea = freshNumber()
  const end = new Date((await shop.now()).getTime() + 62_000)
  await ordered(shop, tea, { time_expire: wireTime(end) })
  await shop.setClock({ set: new Date(end.getTime() - 1_500).toISOString() })
  while ((await stateOf(shop, tea)) !== 'CLOSED') await new Promise((resolve) => setTimeout(resolve, 50))
})

test('many at one moment are closed, each once', async () => {
  const shop = shopOf('documented')
  const time_expire = await inFuture(shop, 20)
  const teas = Array.from({ length: 600 }, () => freshNumber())
  await Promise.all(teas.map((tea) => ordered(shop, tea, { time_expire })))
  await shop.advance('21m')
  const ends = await Promise.all(teas.map((tea) => shop.eventsOf(tea)))
  for (const events of ends) expect(events.map(({ event }) => event)).toEqual(['ordered', 'closed'])
  const metrics = await (await fetch(`${sandbox.url}/metrics`)).text()
  expect(metrics).toMatch(/cloudpay_engine_closes_total\{why="time_expire"\} \d{3}/)
  expect(metrics).toContain('cloudpay_engine_close_lateness_seconds_bucket')
  expect(metrics).toMatch(/cloudpay_engine_due_age_seconds \d/)
})

test('one advance does what is due of every merchant', async () => {
  const shop = shopOf('documented')
  const merchants = Array.from({ length: 12 }, (_, index) => `19000002${String(index).padStart(2, '0')}`)
  const tea = freshNumber()
  await atRest(shop, async () => {
    for (const sub_mch_id of merchants) {
      await ordered(shop, tea, { sub_mch_id, time_expire: await inFuture(shop, 10) })
      // Each goes on to have one that is due much later.
      await ordered(shop, `${tea}-2`, { sub_mch_id })
    }
    await shop.advance('10m')
    const states = await Promise.all(
      merchants.map(async (sub_mch_id) => {
        const answer = await shop.answer('queryOrder', { sub_mch_id, out_trade_no: tea })
        return answer.trade_state
      }),
    )
    expect(states).toEqual(merchants.map(() => 'CLOSED'))
  })
})
