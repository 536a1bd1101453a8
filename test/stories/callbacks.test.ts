/**
 * Callbacks beyond the good case: every way in which a target fails, when it is tried again and for how long, what is shown,
 * what can be sent again, and that one target never holds another up.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  acknowledges,
  acknowledgesXml,
  type CallbackTarget,
  eventOf,
  failedBecause,
  hosts,
  openTarget,
  refuses,
  returned,
  type Says,
} from '../support/callback-target.ts'
import { atRest, ordered, paid } from '../support/orders.ts'
import {
  environmentNamed,
  freshNumber,
  openSandbox,
  type Sandbox,
  type Shop,
  subMchId,
} from '../support/sandbox.ts'
import { providerOf, v2Environment } from '../support/v2-accounts.ts'
import { v2Shop } from '../support/v2-client.ts'

const setting = v2Environment('documented', 1, { callbackTimeout: '1s', callbackRetries: undefined })

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [
      setting,
      environmentNamed('strict', 'documented', { strictTargets: true }),
      environmentNamed('patient', 'documented', { callbackTimeout: '60s' }),
    ],
  })
})
afterAll(() => sandbox.close())

const open: CallbackTarget[] = []
afterEach(async () => {
  for (const target of open.splice(0)) await target.close()
})
async function target(first?: Says): Promise<CallbackTarget> {
  const opened = await openTarget(first)
  open.push(opened)
  return opened
}

interface Shown {
  readonly state: string
  readonly attempts: number
  readonly next_attempt?: string
  readonly why?: string
  readonly why_code?: string
}

async function callbacks(query: string, envId = 'documented') {
  const response = await fetch(`${sandbox.url}/sandbox/callbacks?env_id=${envId}&${query}`)
  return (await response.json()) as {
    notices: Shown[]
    attempts: (Record<string, unknown> & { why?: string })[]
    callbacks: (Record<string, unknown> & { out_trade_no: string; state: string })[]
  }
}
const noticeOf = async (tea: string) => (await callbacks(`out_trade_no=${tea}`)).notices[0]

const container = (path = '/notify') => ({
  function_name: undefined,
  callback_type: 2,
  container: { service: 'pay', path },
  env_id: 'prod-1a2b',
})
const shop = () => sandbox.shop('documented')
const v2 = () => v2Shop(sandbox, 'documented', providerOf(setting))
const containerAt = (one: CallbackTarget) =>
  hosts(sandbox, 'documented', one, { kind: 'container', names: ['pay'] })
const functionAt = (one: CallbackTarget, name = 'payCallback') =>
  hosts(sandbox, 'documented', one, { kind: 'functions', names: [name] })

/** Pays an order while time stands, and tells what became of its first attempt. */
async function firstAttempt(teller: Shop, more: object) {
  const tea = freshNumber()
  let seen: Awaited<ReturnType<typeof callbacks>> | undefined
  await atRest(teller, async () => {
    await ordered(teller, tea, more)
    await teller.pay({ out_trade_no: tea })
    // Nothing but this is due: when the time has moved, the attempt is over.
    await teller.advance('1ms')
    seen = await callbacks(`out_trade_no=${tea}`)
  })
  const [notice] = seen?.notices ?? []
  const [attempt] = seen?.attempts ?? []
  if (notice === undefined || attempt === undefined) throw new Error('there was no attempt')
  return { tea, notice, attempt }
}

const megabytes = 'x'.repeat(3 * 1024 * 1024)

describe('a container that', () => {
  const wrong: readonly (readonly [string, Says, string, RegExp])[] = [
    [
      'answers in the form of v2',
      refuses,
      'not-acknowledged',
      /answered \{"return_code".*a number errcode: 0/,
    ],
    ['answers errcode as text', { body: '{"errcode":"0"}' }, 'not-acknowledged', /a number errcode: 0/],
    ['answers another errcode', { body: '{"errcode":1}' }, 'not-acknowledged', /answered \{"errcode":1\}/],
    ['answers nothing', { body: '' }, 'not-acknowledged', /answered nothing/],
    ['answers a page', { body: '<html><body>It works!' }, 'not-acknowledged', /no JSON: <html>/],
    ['answers an error', { status: 500, body: 'oh no' }, 'http-status', /HTTP 500: oh no/],
    [
      'redirects',
      { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
      'redirect',
      /HTTP 302: redirects are not followed, give the final address \(http:\/\/127\.0\.0\.1:9\/\)/,
    ],
    ['answers megabytes', { body: megabytes }, 'too-large', /longer than 65536 bytes/],
    ['never answers', 'hang', 'timeout', /no complete answer within 1000 ms/],
    ['breaks the connection', 'reset', 'connection', /closed the connection/],
  ]
  test.each(wrong)('%s is tried again, and the reason is plain', async (_what, says, code, why) => {
    await containerAt(await target(says))
    const { notice, attempt } = await firstAttempt(shop(), container())
    expect(notice).toMatchObject({
      state: 'failing',
      attempts: 1,
      why_code: code,
      why: expect.stringMatching(why),
    })
    expect(attempt).toMatchObject({ attempt: 1, outcome: code, why: notice.why, ms: expect.any(Number) })
  })

  test('answers without end, or breaks off, is shown with the beginning of what it said', async () => {
    const begins = `<html>Whoops${'!'.repeat(2_000)}`
    await containerAt(await target({ body: begins + megabytes }))
    expect((await firstAttempt(shop(), container())).attempt.answer).toBe(begins.slice(0, 1_024))
    // It promises more than it says, and goes on for ever.
    await containerAt(await target({ headers: { 'content-length': '99' }, body: 'half' }))
    expect((await firstAttempt(shop(), container())).attempt).toMatchObject({
      status: 200,
      answer: 'half',
    })
  })

  test('answers with more than errcode: 0 has acknowledged', async () => {
    await containerAt(await target({ body: '{"errcode":0,"errmsg":"","more":[1]}' }))
    expect((await firstAttempt(shop(), container())).notice).toMatchObject({ state: 'delivered' })
  })

  test('gets the headers that it tells genuine calls by, and can verify a signature', async () => {
    const { createHmac } = await import('node:crypto')
    const one = await target()
    await containerAt(one)
    await firstAttempt(shop(), container('/pay/notify'))
    const [received] = one.received
    expect(received?.path).toBe('/pay/notify')
    expect(received?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-wx-source': 'wx_paycallback',
      'x-wx-env': 'prod-1a2b',
      'x-wx-service': 'pay',
      'x-wx-openid': 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
    })
    const [, t, v1] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(received?.headers['x-cloudpay-signature'])) ?? []
    const expected = createHmac('sha256', 'secret-key-of-documented').update(`${t}.${received?.body}`)
    expect(v1).toBe(expected.digest('hex'))
  })
})

describe('a function that', () => {
  const wrong: readonly (readonly [string, Says, string, RegExp])[] = [
    [
      'throws',
      failedBecause('threw', 'boom', 'Error: boom\n  at main'),
      'function-threw',
      /the function threw: boom/,
    ],
    [
      'is too slow',
      failedBecause('timeout', '3 s are over'),
      'function-failed',
      /failed \(timeout\): 3 s are over/,
    ],
    ['exits', failedBecause('exited', 'exit code 1'), 'function-failed', /failed \(exited\)/],
    ['returns nothing', returned(null), 'not-acknowledged', /returned nothing; a number errcode: 0/],
    [
      'returns the v2 form',
      returned({ return_code: 'SUCCESS' }),
      'not-acknowledged',
      /answered \{"return_code"/,
    ],
    ['has a host that talks nonsense', { body: 'hello' }, 'function-failed', /none of its answers/],
    [
      'has a host that wants another token',
      { status: 401, body: '{}' },
      'function-failed',
      /none of its answers/,
    ],
  ]
  test.each(wrong)('%s is tried again, and the reason is plain', async (_what, says, code, why) => {
    await functionAt(await target(says))
    const { notice } = await firstAttempt(shop(), {})
    expect(notice).toMatchObject({ state: 'failing', why_code: code, why: expect.stringMatching(why) })
  })

  test('is called with the event as the platform has it, its user beside it', async () => {
    const one = await target(returned({ errcode: 0 }))
    await functionAt(one)
    const { tea } = await firstAttempt(shop(), { attach: 'x' })
    const [received] = one.received
    const { caller, function_name } = JSON.parse(received?.body ?? '{}')
    expect({ caller, function_name }).toEqual({
      function_name: 'payCallback',
      caller: {
        source: 'wx_paycallback',
        env_id: 'prod-1a2b',
        appid: 'wx8888888888888888',
        openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
      },
    })
    const event = eventOf(received ?? { path: '', headers: {}, body: '{"event":{}}' })
    const { userInfo: _, ...fields } = event
    expect(Object.keys(fields), 'sorted, as real logs show it').toEqual(Object.keys(fields).sort())
    expect(event).toMatchObject({
      outTradeNo: tea,
      totalFee: 990,
      userInfo: { appId: 'wx8888888888888888', openId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
    })
    expect(event).not.toHaveProperty('returnMsg')
    expect(event).not.toHaveProperty('sign')
  })
})

describe('a notify_url that', () => {
  const xml = acknowledgesXml.body
  const wrong: readonly (readonly [string, Says, RegExp])[] = [
    ['answers JSON', acknowledges, /not the XML that is needed/],
    ['answers ok', { body: 'ok' }, /not the XML that is needed: ok/],
    ['answers nothing', { body: '' }, /answered nothing/],
    [
      'answers FAIL',
      { body: '<xml><return_code>FAIL</return_code><return_msg>later</return_msg></xml>' },
      /FAIL \(later\)/,
    ],
    ['answers with a blank line first', { body: `\n${xml}` }, /not the XML that is needed/],
    ['answers with a byte order mark', { body: `\uFEFF${xml}` }, /not the XML that is needed/],
    ['answers with words after it', { body: `${xml}ok` }, /not the XML that is needed/],
    ['answers 201', { status: 201, body: xml }, /HTTP 201/],
    ['answers a DOCTYPE', { body: `<!DOCTYPE xml>${xml}` }, /not the XML that is needed/],
  ]
  test.each(wrong)('%s is tried again, and the reason is plain', async (_what, says, why) => {
    const { url } = await target(says)
    const { notice } = await firstAttempt(v2(), { notify_url: `${url}/n` })
    expect(notice).toMatchObject({ state: 'failing', why: expect.stringMatching(why) })
  })

  test('is nobody: the connection is refused', async () => {
    const gone = await target()
    await gone.close()
    const { notice } = await firstAttempt(v2(), { notify_url: `${gone.url}/n` })
    expect(notice).toMatchObject({
      why_code: 'connection',
      why: expect.stringMatching(/connection refused: nobody/),
    })
  })

  test.each([
    ['a link-local address', 'http://169.254.169.254/latest/meta-data'],
    ['one in the form of IPv6', 'http://[::ffff:169.254.169.254]/n'],
    ['one written as a number', 'http://2852039166/n'],
    ['the metadata of another cloud', 'http://100.100.100.200/n'],
    ['the address of nobody', 'http://0.0.0.0:80/n'],
  ])('leads to %s is never called', async (_what, notify_url) => {
    const { notice } = await firstAttempt(v2(), { notify_url })
    expect(notice).toMatchObject({ why_code: 'forbidden', why: expect.stringMatching(/not allowed/) })
  })
})

/** After the first attempt, in seconds: the fifteen retries of v2, and CloudPay's up to two days. */
const retries = [15, 30, 60, 240, 840, 2040, 3840, 5640, 7440, 11040, 21840, 32640, 43440, 65040, 86640]
const cloudPayRetries = [...retries, 108_240, 129_840, 151_440]

describe('the schedule', () => {
  test.each([
    ['a notify_url', retries, () => v2(), (url: string) => ({ notify_url: `${url}/n` }), async () => {}],
    ['a container', cloudPayRetries, shop, () => container(), containerAt],
  ] as const)(
    'of %s is tried for as long as the documents say, and stays visible after',
    async (_what, times, teller, named, host) => {
      const one = await target({ status: 503 })
      await host(one)
      const arrivals: number[] = []
      const tea = freshNumber()
      await atRest(teller(), async (begin) => {
        await ordered(teller(), tea, named(one.url))
        await teller().pay({ out_trade_no: tea })
        await teller().advance('1ms')
        for (let attempt = 1; attempt <= times.length; attempt++) {
          expect(one.received).toHaveLength(attempt)
          const notice = await noticeOf(tea)
          const next = new Date(notice?.next_attempt ?? 0)
          arrivals.push((next.getTime() - begin.getTime()) / 1000)
          await teller().setClock({ set: next.toISOString() })
        }
        expect(arrivals).toEqual(times)
        expect(one.received).toHaveLength(times.length + 1)
        expect(await noticeOf(tea)).toMatchObject({ state: 'exhausted', attempts: times.length + 1 })
        expect(await noticeOf(tea)).not.toHaveProperty('next_attempt')
        await teller().advance('2d')
        expect(one.received, 'never again by itself').toHaveLength(times.length + 1)

        // It can be seen among those that need somebody, and be sent again.
        const { callbacks: exhausted } = await callbacks('state=exhausted')
        expect(exhausted.map(({ out_trade_no }) => out_trade_no)).toContain(tea)
        one.say('notify_url' in named('') ? acknowledgesXml : acknowledges)
        const resent = await sandbox.control('/sandbox/callbacks', {
          env_id: 'documented',
          out_trade_no: tea,
          resend: true,
        })
        expect(resent).toMatchObject({ status: 200, json: { resent: 1 } })
        await one.arrived(times.length + 2)
        await teller().advance('1ms')
        expect(await noticeOf(tea)).toMatchObject({ state: 'delivered', attempts: times.length + 2 })
      })
    },
  )

  test('advancing a day and two tries every due attempt, in order, and returns when all is done', async () => {
    const one = await target({ status: 503 })
    await containerAt(one)
    const [early, late] = [freshNumber(), freshNumber()]
    await atRest(shop(), async () => {
      for (const tea of [early, late]) {
        await ordered(shop(), tea, container(`/${tea}`))
        await shop().pay({ out_trade_no: tea })
        await shop().advance('7s')
      }
      await shop().advance('48h')
      expect(one.received).toHaveLength(2 * (cloudPayRetries.length + 1))
      const order = one.received.map(({ path }) => path)
      // Seven seconds apart, and no two attempts of either are closer: they alternate to the end.
      expect(order).toEqual(order.map((_, n) => (n % 2 === 0 ? `/${early}` : `/${late}`)))
    })
  })
})

describe('a target that nobody hosts', () => {
  test('is taken, shown as undeliverable with what to do, and told once somebody hosts it', async () => {
    const tea = freshNumber()
    await atRest(shop(), async () => {
      await ordered(shop(), tea, { function_name: 'fulfil' })
      await shop().pay({ out_trade_no: tea })
      await shop().advance('1ms')
      expect(await noticeOf(tea)).toMatchObject({
        state: 'undeliverable',
        why_code: 'not-hosted',
        why: expect.stringMatching(/nobody hosts the function fulfil.*cloudpay dev/),
      })
      expect((await callbacks('state=undeliverable')).callbacks.map((one) => one.out_trade_no)).toContain(tea)

      const one = await target(returned({ errcode: 0 }))
      await functionAt(one, 'fulfil')
      await expect
        .poll(() => noticeOf(tea), { message: 'at once, and not at its next try', timeout: 5_000 })
        .toMatchObject({ state: 'delivered', attempts: 2 })
    })
  })

  test('is refused at unifiedOrder and at refund where the environment insists (strictTargets)', async () => {
    const strict = sandbox.shop('strict')
    const tea = freshNumber()
    expect(await strict.unifiedOrder(tea)).toMatchObject({
      return_code: 'FAIL',
      return_msg: expect.stringMatching(
        /nobody hosts payCallback \(prod-1a2b\).*strictTargets.*cloudpay dev/,
      ),
    })
    const one = await target()
    await hosts(sandbox, 'strict', one, {
      kind: 'functions',
      names: ['payCallback'],
      target_env_id: 'prod-1a2b',
    })
    await ordered(strict, tea)
    expect(
      await strict.unifiedOrder(freshNumber(), { env_id: 'prod' }),
      'the short name is another',
    ).toMatchObject({
      return_code: 'FAIL',
    })
    await strict.pay({ out_trade_no: tea })
    const refund = {
      sub_mch_id: subMchId,
      out_trade_no: tea,
      out_refund_no: `R-${tea}`,
      total_fee: 990,
      refund_fee: 1,
    }
    expect(
      await strict.answer('refund', { ...refund, function_name: 'other', env_id: 'prod-1a2b' }),
    ).toMatchObject({
      return_code: 'FAIL',
    })
    expect(await strict.answer('refund', refund), 'who names nobody is asked for nobody').toMatchObject({
      result_code: 'SUCCESS',
    })
    const told = { ...refund, out_refund_no: `T-${tea}`, function_name: 'payCallback', env_id: 'prod-1a2b' }
    const accepted = await strict.answer('refund', told)
    await sandbox.control('/sandbox/hosts', {
      env_id: 'strict',
      host_id: `host-${new URL(one.url).port}`,
      kind: 'functions',
      url: one.url,
      gone: true,
      names: [],
    })
    expect(await strict.answer('refund', told), 'the same call again, its host gone').toMatchObject({
      result_code: 'SUCCESS',
      refund_id: accepted.refund_id,
    })
    expect(await strict.unifiedOrder(tea), 'and an order again').toMatchObject({ err_code: 'ORDERPAID' })
  })
})

test('a target that hangs delays neither the payer nor another target', async () => {
  const hanging = await target('hang')
  const quick = await target(acknowledgesXml)
  const teas = Array.from({ length: 12 }, () => freshNumber())
  for (const [n, tea] of teas.entries())
    await v2().unifiedOrder(tea, { notify_url: `${n % 2 === 0 ? hanging.url : quick.url}/n` })
  await Promise.all(teas.map((tea) => v2().pay({ out_trade_no: tea })))
  // All of the quick one's are there while the other's first have not even timed out.
  await quick.arrived(6)
  expect(hanging.received.length, 'it is asked a few times at once, not for all').toBeLessThan(6)
})

test('targets that answered many at a time, and then hang, hold up nobody else', async () => {
  const patient = sandbox.shop('patient')
  const order = async (service: string) => {
    const tea = freshNumber()
    await ordered(patient, tea, { ...container(), container: { service, path: '/' } })
    await patient.pay({ out_trade_no: tea })
    return tea
  }
  const services = ['a', 'b', 'c', 'd', 'e', 'f']
  const crowd = await target(acknowledges)
  await hosts(sandbox, 'patient', crowd, { kind: 'container', names: services })
  const teas = await Promise.all(services.flatMap((service) => [1, 2, 3, 4, 5].map(() => order(service))))
  await crowd.arrived(teas.length)

  crowd.say('hang')
  const held = await Promise.all(services.flatMap((service) => [1, 2, 3].map(() => order(service))))
  const quick = await target(acknowledges)
  await hosts(sandbox, 'patient', quick, { kind: 'container', names: ['quick'] })
  await order('quick')
  await quick.arrived(1)
  for (const tea of held) {
    const { notices } = await callbacks(`out_trade_no=${tea}`, 'patient')
    expect(notices, 'it still hangs').toMatchObject([{ state: 'pending', attempts: 0 }])
  }
})

test('one that is sent again while its target still answers counts both attempts', async () => {
  const patient = sandbox.shop('patient')
  const slow = await target('hang')
  await hosts(sandbox, 'patient', slow, { kind: 'container', names: ['slow'] })
  const tea = freshNumber()
  await ordered(patient, tea, { ...container(), container: { service: 'slow', path: '/' } })
  await patient.pay({ out_trade_no: tea })
  await slow.arrived(1)
  slow.say(acknowledges)
  await sandbox.control('/sandbox/callbacks', { env_id: 'patient', out_trade_no: tea, resend: true })
  await slow.arrived(2)
  await expect
    .poll(async () => (await callbacks(`out_trade_no=${tea}`, 'patient')).notices)
    .toMatchObject([{ state: 'delivered', attempts: 2 }])
  expect((await callbacks(`out_trade_no=${tea}`, 'patient')).attempts).toMatchObject([{ attempt: 2 }])
})

test('an order whose callback is failing is closed to nobody: it is paid, and queried, and refunded', async () => {
  await containerAt(await target('hang'))
  const tea = freshNumber()
  await ordered(shop(), tea, container())
  await shop().pay({ out_trade_no: tea })
  expect(await shop().queryOrder(tea)).toMatchObject({ trade_state: 'SUCCESS' })
  expect(
    await shop().answer('refund', {
      sub_mch_id: subMchId,
      out_trade_no: tea,
      out_refund_no: `R-${tea}`,
      total_fee: 990,
      refund_fee: 990,
    }),
  ).toMatchObject({ result_code: 'SUCCESS' })
})

test('a refund that names nobody is told to nobody', async () => {
  const tea = freshNumber()
  await paid(shop(), tea)
  await shop().answer('refund', {
    sub_mch_id: subMchId,
    out_trade_no: tea,
    out_refund_no: `R-${tea}`,
    total_fee: 990,
    refund_fee: 990,
    env_id: 'prod-1a2b',
  })
  await shop().advance('1m')
  expect(await callbacks(`out_refund_no=R-${tea}`)).toMatchObject({ notices: [], attempts: [] })
})

test('nothing is told of an order that is closed, of one that ran out of time, or of a payment that was refused', async () => {
  const one = await target()
  await containerAt(one)
  const tea = freshNumber()
  await ordered(shop(), tea, container(`/${tea}`))
  await shop().advance('5m')
  await shop().closeOrder(tea)
  await shop().pay({ out_trade_no: tea })
  await shop().advance('1h')
  expect(one.received.filter(({ path }) => path === `/${tea}`)).toEqual([])
  expect(await callbacks(`out_trade_no=${tea}`)).toMatchObject({ notices: [] })
})

test('what a stranger asks of callbacks is refused in words', async () => {
  for (const [asked, status] of [
    [{ resend: true }, 400],
    [{ out_trade_no: 'x', resend: 'exhausted' }, 400],
    [{ out_trade_no: 'NOWHERE', resend: true }, 404],
    [{ resend: 'everything' }, 400],
  ] as const) {
    const answer = await sandbox.control('/sandbox/callbacks', { env_id: 'documented', ...asked })
    expect(answer).toMatchObject({ status, json: { error: { message: expect.any(String) } } })
  }
})

const deep = 20_000
test.each([
  ['a NUL', 'container', { body: 'a\0b' }],
  ['a NUL, and HTTP 500', 'container', { status: 500, body: 'a\0b' }],
  ['an exception with a NUL', 'functions', failedBecause('threw', 'a\0b')],
  ['an exception with half a character', 'functions', failedBecause('threw', 'half \ud83c')],
  ['a result that holds a NUL', 'functions', returned({ x: '\0' })],
  [
    'a result too deep to be written',
    'functions',
    { body: `{"result":${'['.repeat(deep)}${']'.repeat(deep)}}` },
  ],
] as const)('%s in the answer is a failed attempt like any other, on schedule', async (_name, kind, says) => {
  const own = await target(says)
  const name = freshNumber('host')
  await hosts(sandbox, 'documented', own, { kind, names: [name] })
  const shop = sandbox.shop('documented')
  await atRest(shop, async () => {
    const tea = freshNumber()
    const target = { function_name: undefined, callback_type: 2, container: { service: name, path: '/' } }
    await paid(shop, tea, kind === 'container' ? target : { function_name: name })
    await shop.advance('15s')
    expect(own.received).toHaveLength(2)
    expect(await noticeOf(tea)).toMatchObject({ state: 'failing', attempts: 2 })
    expect((await callbacks(`out_trade_no=${tea}`)).attempts).toHaveLength(2)
  })
})

test('one that was acknowledged and is sent again stays acknowledged, whatever comes of the copy', async () => {
  const one = await target(acknowledges)
  const name = freshNumber('host')
  await hosts(sandbox, 'documented', one, { kind: 'container', names: [name] })
  const shop = sandbox.shop('documented')
  await atRest(shop, async () => {
    const tea = freshNumber()
    await paid(shop, tea, { ...container(), container: { service: name, path: '/' } })
    await shop.advance('1ms')
    expect(await noticeOf(tea)).toMatchObject({ state: 'delivered', attempts: 1 })
    one.say({ status: 500 })
    await sandbox.control('/sandbox/callbacks', { env_id: 'documented', out_trade_no: tea, resend: true })
    await one.arrived(2)
    await shop.advance('3d')
    expect(await noticeOf(tea)).toMatchObject({ state: 'delivered', attempts: 2 })
    expect(one.received, 'one copy, and no series').toHaveLength(2)
  })
})

test('a container hears of services and payers that no header can hold, written as in a URL', async () => {
  const one = await target(acknowledges)
  await hosts(sandbox, 'documented', one, { kind: 'container', names: ['茶馆'] })
  const shop = sandbox.shop('documented')
  const tea = freshNumber()
  await paid(shop, tea, { ...container(), env_id: '生产', container: { service: '茶馆', path: '/' } })
  const { headers } = await one.arrived(1)
  expect(headers).toMatchObject({
    'x-wx-service': encodeURIComponent('茶馆'),
    'x-wx-env': encodeURIComponent('生产'),
  })
})

test("what is kept of a callback has no signature, whatever the order's own texts look like", async () => {
  const one = await target(acknowledgesXml)
  const shop = v2Shop(sandbox, 'documented', providerOf(setting))
  const tea = freshNumber()
  await paid(shop, tea, { notify_url: `${one.url}/n`, attach: '<sign>x</sign>' })
  const sign = /<sign>(?:<!\[CDATA\[)?([0-9A-F]{32})/.exec((await one.arrived(1)).body)?.[1]
  expect(sign).toMatch(/^[0-9A-F]{32}$/)
  await shop.advance('1ms')
  const { attempts } = await callbacks(`out_trade_no=${tea}`)
  expect(attempts).toHaveLength(1)
  expect(JSON.stringify(attempts)).not.toContain(sign)
})

test('an advance past a target that hangs waits for many of its callbacks at once, not for one after the other', async () => {
  const one = await target('hang')
  const name = freshNumber('host')
  await hosts(sandbox, 'documented', one, { kind: 'container', names: [name] })
  const shop = sandbox.shop('documented')
  await atRest(shop, async () => {
    // One after the other they would take a minute and a half.
    const teas = Array.from({ length: 60 }, () => freshNumber())
    const named = { ...container(), container: { service: name, path: '/' } }
    await Promise.all(teas.map((tea) => paid(shop, tea, named)))
    await shop.advance('10m')
    for (const tea of teas) expect(await noticeOf(tea)).toMatchObject({ state: 'failing' })
    // Due at once, after 15 s, 15 s, 30 s, 3 min: of each order five.
    expect(one.received.length).toBe(teas.length * 5)
  })
})

test('what a target answers reaches the log without what a terminal would obey', async () => {
  const one = await target({ status: 500, body: 'a\u009b31m\u202eb' })
  const name = freshNumber('host')
  await hosts(sandbox, 'documented', one, { kind: 'container', names: [name] })
  const shop = sandbox.shop('documented')
  const tea = freshNumber()
  await paid(shop, tea, { ...container(), container: { service: name, path: '/' } })
  await shop.advance('1ms')
  expect(await noticeOf(tea)).toMatchObject({ why: 'answered HTTP 500: a?31m?b' })
  expect(sandbox.log()).not.toMatch(/[\u0080-\u009f\u202a-\u202e]/)
})
