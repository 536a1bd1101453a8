/** The contract of closeOrder, told through `POST /admin`: every state of an order, both rule profiles, both languages. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Language } from '../../src/protocol/text.ts'
import {
  formatFailKeys,
  keysOf,
  refusalKeys,
  signatureOf,
  sorted,
  successKeys,
  textOf,
  type Wire,
} from '../support/answers.ts'
import { closeOrderRows } from '../support/close-order-cases.ts'
import { atRest, closed, ordered, paid } from '../support/orders.ts'
import {
  environmentNamed,
  freshNumber,
  openSandbox,
  type Sandbox,
  type Shop,
  subMchId,
} from '../support/sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [
      environmentNamed('documented', 'documented'),
      environmentNamed('observed', 'observed'),
      environmentNamed('documented-zh', 'documented', { language: 'zh' }),
      environmentNamed('observed-zh', 'observed', { language: 'zh' }),
    ],
  })
})
afterAll(() => sandbox.close())

describe('closeOrder, by state and profile', () => {
  test.each(closeOrderRows)('$profile: closing $of $told', async ({ profile, arrange, promised }) => {
    const shop = sandbox.shop(profile)
    const tea = freshNumber()
    await arrange(shop, tea)

    const answer = await shop.closeOrder(tea)

    expect(answer).toMatchObject({
      return_code: 'SUCCESS',
      return_msg: 'OK',
      appid: 'wxd678efh667hg6787',
      mch_id: '1230000109',
      sub_appid: 'wx8888888888888888',
      sub_mch_id: subMchId,
      result_code: promised.result,
      result_msg: promised.result === 'SUCCESS' ? 'OK' : 'FAIL',
    })
    if (promised.result === 'FAIL')
      expect(answer.err_code, 'err_code is the documented one, or absent').toBe(promised.errCode)
    const keys =
      promised.result === 'SUCCESS'
        ? successKeys
        : refusalKeys.filter((key) => key !== 'err_code' || promised.errCode !== undefined)
    expect(keysOf(answer), 'the answer has these keys and no others').toEqual(sorted(keys))
    expect(answer.nonce_str, 'a nonce of the server, as long as real ones').toMatch(/^[0-9A-Za-z]{16}$/)
    expect(answer.sign, "sign is made with the provider's key").toBe(signatureOf(answer, shop.apiKey))

    const queried = await shop.queryOrder(tea)
    expect(queried.trade_state ?? queried.err_code, 'queryOrder afterwards').toBe(promised.query)
    expect(await shop.historyOf(tea), 'what the order went through').toEqual(promised.history)
  })
})

/** `2026-12-01 00:05:00` in a text, as Beijing time. */
function momentIn(text: string): Date {
  const found = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)/.exec(text)
  if (found === null) throw new Error(`no time in: ${text}`)
  return new Date(`${found[1]}T${found[2]}+08:00`)
}

test('the refusal of a young order names the time, Beijing time, from which the very same call succeeds', async () => {
  for (const profile of ['documented', 'documented-zh']) {
    const shop = sandbox.shop(profile)
    await atRest(shop, async (now) => {
      const tea = freshNumber()
      // Times of orders are finer than those of texts: the text must not name one too early.
      await shop.advance('1ms')
      await ordered(shop, tea)

      const named = momentIn(textOf(await shop.closeOrder(tea), 'err_code_des'))
      expect(named, 'five minutes, up to the next second').toEqual(new Date(now.getTime() + 301_000))
      await shop.setClock({ set: new Date(now.getTime() + 300_000).toISOString() })
      expect(await shop.closeOrder(tea), 'a second before').toMatchObject({ result_code: 'FAIL' })
      await shop.setClock({ set: named.toISOString() })
      expect(await shop.closeOrder(tea), 'at the named time').toMatchObject({ result_code: 'SUCCESS' })
    })
  }
})

test('an order can be closed from the millisecond on which it is five minutes old', async () => {
  const shop = sandbox.shop('documented')
  await atRest(shop, async () => {
    const tea = freshNumber()
    await ordered(shop, tea)
    await shop.advance('4m59s999ms')
    expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'FAIL' })
    await shop.advance('1ms')
    expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'SUCCESS' })
  })
})

test('an early close changes nothing: the customer can still pay', async () => {
  const shop = sandbox.shop('documented')
  const tea = freshNumber()
  await ordered(shop, tea)
  expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'FAIL' })
  expect(await shop.pay({ out_trade_no: tea })).toMatchObject({ status: 200 })
})

test('documented: closing an unknown number writes nothing, and the number can be ordered afterwards', async () => {
  const shop = sandbox.shop('documented')
  const tea = freshNumber()
  const before = await sandbox.orders()
  expect(await shop.closeOrder(tea)).toMatchObject({ err_code: 'ORDERNOTEXIST' })
  expect(await sandbox.orders(), 'the number of rows').toBe(before)
  expect(await shop.unifiedOrder(tea)).toMatchObject({ result_code: 'SUCCESS' })
})

test('observed: an unknown number that was closed is remembered: a late create of it is refused', async () => {
  const shop = sandbox.shop('observed')
  const tea = freshNumber()
  expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'SUCCESS' })
  expect(await shop.closeOrder(tea), 'closing it again').toMatchObject({ result_code: 'SUCCESS' })

  const late = await shop.unifiedOrder(tea)
  expect(late).toMatchObject({
    result_code: 'FAIL',
    err_code: 'INVALID_REQUEST',
    err_code_des: '201 商户订单号重复',
  })
  expect(late, 'nothing that could be paid').not.toHaveProperty('payment')
  expect(await shop.queryOrder(tea)).toMatchObject({ result_code: 'FAIL', err_code: 'ORDERNOTEXIST' })
  expect(await shop.pay({ out_trade_no: tea }), 'nobody can pay it').toMatchObject({ status: 404 })
  expect(await shop.historyOf(tea)).toEqual(['remembered'])
})

test('a close reaches the order of its own merchant and environment only', async () => {
  const [here, there] = [sandbox.shop('observed'), sandbox.shop('documented')]
  const tea = freshNumber()
  await ordered(here, tea)
  expect(await there.closeOrder(tea), 'another environment').toMatchObject({ err_code: 'ORDERNOTEXIST' })
  expect(
    await here.answer('closeOrder', { sub_mch_id: '1900000999', out_trade_no: tea }),
    'another merchant',
  ).toMatchObject({ result_code: 'SUCCESS', sub_mch_id: '1900000999' })
  expect(await here.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY' })
})

/** A request that is refused for its form, and what the text must say of it. */
interface Malformed {
  readonly why: string
  readonly request: (tea: string) => object
  readonly says: RegExp
}

const base = (tea: string) => ({ sub_mch_id: subMchId, out_trade_no: tea, nonce_str: 'abc' })
const without = (tea: string, name: 'sub_mch_id' | 'out_trade_no') =>
  Object.fromEntries(Object.entries(base(tea)).filter(([key]) => key !== name))

// biome-ignore format: a table is read by its columns
const malformed: readonly Malformed[] = [
  { why: 'sub_mch_id is missing', request: (tea) => without(tea, 'sub_mch_id'), says: /sub_mch_id is missing/ },
  { why: 'out_trade_no is missing', request: (tea) => without(tea, 'out_trade_no'), says: /out_trade_no is missing/ },
  { why: 'nothing is given', request: () => ({}), says: /sub_mch_id is missing/ },
  { why: 'sub_mch_id is empty', request: (tea) => ({ ...base(tea), sub_mch_id: '' }), says: /sub_mch_id is missing/ },
  { why: 'out_trade_no is empty', request: (tea) => ({ ...base(tea), out_trade_no: '' }), says: /out_trade_no is missing/ },
  { why: 'out_trade_no is null', request: (tea) => ({ ...base(tea), out_trade_no: null }), says: /out_trade_no is missing/ },
  { why: 'sub_mch_id has 33 characters', request: (tea) => ({ ...base(tea), sub_mch_id: '1'.repeat(33) }), says: /sub_mch_id .*at most 32/ },
  { why: 'out_trade_no has 33 characters', request: (tea) => ({ ...base(tea), out_trade_no: 'T'.repeat(33) }), says: /out_trade_no .*at most 32/ },
  { why: 'nonce_str has 33 characters', request: (tea) => ({ ...base(tea), nonce_str: 'n'.repeat(33) }), says: /nonce_str .*at most 32/ },
  { why: 'sub_mch_id holds a blank', request: (tea) => ({ ...base(tea), sub_mch_id: '19000 00109' }), says: /sub_mch_id .*digits, letters/ },
  { why: 'out_trade_no holds a dot', request: (tea) => ({ ...base(tea), out_trade_no: `${tea}.` }), says: /out_trade_no .*digits, letters and _-\|\*@/ },
  { why: 'out_trade_no ends in a line break', request: (tea) => ({ ...base(tea), out_trade_no: `${tea}\n` }), says: /out_trade_no .*digits, letters/ },
  { why: 'out_trade_no is Chinese', request: (tea) => ({ ...base(tea), out_trade_no: '订单一号' }), says: /out_trade_no .*digits, letters/ },
  { why: 'out_trade_no holds NUL', request: (tea) => ({ ...base(tea), out_trade_no: `${tea}\0` }), says: /out_trade_no .*(illegal|digits)/ },
  { why: 'out_trade_no holds half a character', request: (tea) => ({ ...base(tea), out_trade_no: `${tea}\ud83c` }), says: /out_trade_no .*(illegal|digits)/ },
  { why: 'nonce_str holds NUL', request: (tea) => ({ ...base(tea), nonce_str: 'a\0' }), says: /nonce_str .*illegal/ },
  { why: 'sub_mch_id is a number', request: (tea) => ({ ...base(tea), sub_mch_id: 1900000109 }), says: /sub_mch_id must be text, got an integer/ },
  { why: 'out_trade_no is a number', request: (tea) => ({ ...base(tea), out_trade_no: 1217752501 }), says: /out_trade_no must be text, got an integer/ },
  { why: 'out_trade_no is a list', request: (tea) => ({ ...base(tea), out_trade_no: [tea] }), says: /out_trade_no must be text, got an array/ },
  { why: 'out_trade_no is an object', request: (tea) => ({ ...base(tea), out_trade_no: { no: tea } }), says: /out_trade_no must be text, got an object/ },
  { why: 'out_trade_no is true', request: (tea) => ({ ...base(tea), out_trade_no: true }), says: /out_trade_no must be text, got a boolean/ },
  { why: 'nonce_str is a number', request: (tea) => ({ ...base(tea), nonce_str: 1 }), says: /nonce_str must be text, got an integer/ },
  { why: 'the camelCase number is bad, whatever the snake_case one says', request: (tea) => ({ ...base(tea), outTradeNo: 'a b' }), says: /out_trade_no .*digits, letters/ },
]

// biome-ignore format: a table is read by its columns
const ways: readonly { readonly way: string; readonly request: (tea: string) => object }[] = [
  { way: 'without nonce_str', request: (tea) => ({ sub_mch_id: subMchId, out_trade_no: tea }) },
  { way: 'with an empty nonce_str', request: (tea) => ({ ...base(tea), nonce_str: '' }) },
  { way: 'with a nonce_str of null', request: (tea) => ({ ...base(tea), nonce_str: null }) },
  { way: 'with a nonce_str of 32 emoji, each one character', request: (tea) => ({ ...base(tea), nonce_str: '🍵'.repeat(32) }) },
  { way: 'in camelCase', request: (tea) => ({ subMchId, outTradeNo: tea, nonceStr: 'abc' }) },
  { way: 'in a mix of both spellings', request: (tea) => ({ subMchId, out_trade_no: tea, nonceStr: 'abc' }) },
  { way: 'with both spellings, of which camelCase wins,', request: (tea) => ({ ...base('TEA-other'), outTradeNo: tea }) },
  { way: 'with both spellings, camelCase first,', request: (tea) => ({ outTradeNo: tea, ...base('TEA-other') }) },
  { way: 'with unknown fields', request: (tea) => ({ ...base(tea), sub_appid: 'wx1', transaction_id: 7, colour: { of: ['tea'] } }) },
]

describe('closeOrder, parameters', () => {
  test.each(malformed)(
    'a close is refused with return_code FAIL and writes nothing when $why',
    async (row) => {
      for (const profile of ['documented', 'observed']) {
        const shop = sandbox.shop(profile)
        const before = await sandbox.orders()
        const answer = await shop.answer('closeOrder', row.request(freshNumber()))
        expect(keysOf(answer), `${profile}: the keys of a format failure`).toEqual(sorted(formatFailKeys))
        expect(answer.return_code).toBe('FAIL')
        expect(answer.return_msg, `${profile}: names the field and its rule`).toMatch(row.says)
        expect(await sandbox.orders(), `${profile}: the number of rows`).toBe(before)
      }
    },
  )

  test.each(ways)('a close $way is taken', async ({ request }) => {
    const shop = sandbox.shop('observed')
    const tea = freshNumber()
    await ordered(shop, tea)
    expect(await shop.answer('closeOrder', request(tea))).toMatchObject({ result_code: 'SUCCESS' })
    expect(await shop.queryOrder(tea), 'this very order is the closed one').toMatchObject({
      trade_state: 'CLOSED',
    })
  })

  test('a number may hold digits, letters and _-|*@, 32 of them, capitals apart from small ones', async () => {
    const shop = sandbox.shop('observed')
    const tea = `${freshNumber('aZ09_-|*@')}|`.padEnd(32, '*')
    const other = tea.toLowerCase()
    expect([tea.length, other === tea]).toEqual([32, false])
    await ordered(shop, tea)
    await ordered(shop, other)
    expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'SUCCESS' })
    expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'CLOSED', out_trade_no: tea })
    expect(await shop.queryOrder(other)).toMatchObject({ trade_state: 'NOTPAY', out_trade_no: other })
  })
})

/** What each refusal must say in each language: the SDK shows nothing else of it. */
interface Said {
  readonly of: string
  readonly hear: (shop: Shop) => Promise<Wire>
  readonly says: Record<'documented' | 'documented-zh', RegExp[]>
}

const afterArranging = (arrange: (shop: Shop, tea: string) => Promise<unknown>) => async (shop: Shop) => {
  const tea = freshNumber()
  await arrange(shop, tea)
  return shop.closeOrder(tea)
}

const texts: readonly Said[] = [
  {
    of: 'a young order',
    hear: afterArranging(ordered),
    says: {
      documented: [/younger than 5 minutes/, /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Beijing time/],
      'documented-zh': [/不足 5 分钟/, /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d（北京时间）/],
    },
  },
  {
    of: 'a paid order',
    hear: afterArranging(paid),
    says: {
      documented: [/^the order has been paid/, /ORDERPAID/, /do not close/],
      'documented-zh': [/^该订单已支付/, /ORDERPAID/, /不能关闭/],
    },
  },
  {
    of: 'a closed order',
    hear: afterArranging(closed),
    says: {
      documented: [/^the order is closed/, /ORDERCLOSED/, /release the stock/],
      'documented-zh': [/^订单已关闭/, /ORDERCLOSED/, /可释放库存/],
    },
  },
  {
    of: 'an unknown number',
    hear: (shop) => shop.closeOrder(freshNumber()),
    says: {
      documented: [/^the order does not exist/, /ORDERNOTEXIST/, /check/],
      'documented-zh': [/^订单不存在/, /ORDERNOTEXIST/, /请核对/],
    },
  },
  {
    of: 'a malformed call',
    hear: (shop) => shop.answer('closeOrder', { sub_mch_id: subMchId, out_trade_no: 'x'.repeat(33) }),
    says: {
      documented: [/^parameter format error/, /out_trade_no must have at most 32 characters$/],
      'documented-zh': [/^参数格式校验错误/, /out_trade_no 不得超过 32 个字符$/],
    },
  },
]

const isIn: Record<Language, (text: string) => boolean> = {
  zh: (text) => /\p{Script=Han}/u.test(text),
  en: (text) => !/\p{Script=Han}/u.test(text),
}

describe('closeOrder, texts', () => {
  test.each(texts)(
    'the refusal of $of is understandable alone, in Chinese and in English',
    async ({ hear, says }) => {
      for (const [envId, language] of [
        ['documented', 'en'],
        ['documented-zh', 'zh'],
      ] as const) {
        const answer = await hear(sandbox.shop(envId))
        const text = textOf(answer, answer.return_code === 'FAIL' ? 'return_msg' : 'err_code_des')
        for (const said of says[envId]) expect(text).toMatch(said)
        expect(isIn[language](text), `is in ${language}: ${text}`).toBe(true)
        expect([...text].length, `fits String(128): ${text}`).toBeLessThanOrEqual(128)
        expect(text, 'is whole').not.toMatch(/…$/)
      }
    },
  )

  test('observed: a paid order is refused in the very words of the real service, whatever the language', async () => {
    for (const envId of ['observed', 'observed-zh']) {
      expect(await afterArranging(paid)(sandbox.shop(envId))).toMatchObject({ err_code_des: 'order paid' })
    }
  })

  test('every answer has a nonce and a signature of its own', async () => {
    const shop = sandbox.shop('observed')
    const tea = freshNumber()
    const [first, second] = [await shop.closeOrder(tea), await shop.closeOrder(tea)]
    expect(first.nonce_str).not.toBe(second.nonce_str)
    expect(first.sign).not.toBe(second.sign)
  })
})
