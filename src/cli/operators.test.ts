/** `cloudpay close` and `cloudpay prove` as processes, against a server: what they print, and the exit codes that scripts read. */
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { away, launch } from '../../test/support/command.ts'
import { closed, ordered, paid } from '../../test/support/orders.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox } from '../../test/support/sandbox.ts'

const adminToken = 'token-of-the-administrator-7f3a'
let open: Sandbox
let guarded: Sandbox
beforeAll(async () => {
  await ensureBuilt()
  open = await openSandbox({
    environments: ['shop', 'bulk', 'young', 'remembering'].map((envId) =>
      environmentNamed(envId, envId === 'remembering' ? 'observed' : 'documented'),
    ),
  })
  guarded = await openSandbox({ environments: [environmentNamed('shop', 'documented')], adminToken })
})
afterAll(async () => {
  await open.close()
  await guarded.close()
})

const cloudpay = (args: readonly string[], variables: Record<string, string> = {}) =>
  launch(args, { cwd: tmpdir(), variables }).done
const at = (envId: string) => ['--url', open.url, '--env-id', envId]
const shop = () => open.shop('shop')
const linesOf = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))

describe('close, by number', () => {
  test('each has its line and the exit code is of what matters most', async () => {
    const [tea, old, bought] = [freshNumber(), freshNumber(), freshNumber()]
    await ordered(shop(), tea)
    await closed(shop(), old)
    await paid(shop(), bought)
    const young = freshNumber()
    await ordered(shop(), young)

    const most = await cloudpay(['close', tea, old, bought, young, 'TEA-none', ...at('shop')])
    expect(most).toMatchObject({ code: 2, err: '' })
    expect(most.out.split('\n')).toEqual([
      `${tea}  closed`,
      `${old}  closed already`,
      expect.stringMatching(
        new RegExp(`^${bought}  not closed: paid, 9\\.90 CNY, transaction \\d{28}; fulfil it, or refund it$`),
      ),
      expect.stringMatching(
        new RegExp(`^${young}  not yet: it can be closed from [-\\d: ]{19} Beijing time on$`),
      ),
      'TEA-none  no such order; check the number, --sub-mch-id and --env-id',
      'closed 1, closed already 1, paid 1, not yet 1, unknown 1 (9.90 CNY)',
      '',
    ])
    expect((await cloudpay(['close', old, young, 'TEA-none', ...at('shop')])).code, 'not yet').toBe(3)
    expect((await cloudpay(['close', old, 'TEA-none', ...at('shop')])).code, 'unknown').toBe(4)
    expect(await cloudpay(['close', tea, tea, ...at('shop')]), 'again, and harmless').toEqual({
      code: 0,
      out: `${tea}  closed already\n`,
      err: '',
    })
  })

  test('--json is one object a line, and the summary', async () => {
    const [tea, bought] = [freshNumber(), freshNumber()]
    await ordered(shop(), tea)
    await shop().advance('5m')
    await paid(shop(), bought)
    const { code, out } = await cloudpay(['close', tea, bought, '--json', ...at('shop')])
    expect(code).toBe(2)
    expect(linesOf(out)).toMatchObject([
      {
        out_trade_no: tea,
        outcome: 'closed',
        order: { state: 'CLOSED', closed_at: expect.stringMatching(/\+08:00$/) },
      },
      { out_trade_no: bought, outcome: 'paid', order: { transaction_id: expect.any(String) } },
      { summary: { closed: 1, paid: 1, already_closed: 0, closed_fee: 990 } },
    ])
  })

  test('in the language of the user', async () => {
    const tea = freshNumber()
    await closed(shop(), tea)
    const { out } = await cloudpay(['close', tea, 'TEA-none', ...at('shop')], { LANG: 'zh_CN.UTF-8' })
    expect(out).toMatch(/之前已关闭\nTEA-none {2}没有这个订单.*\n已关闭 0，之前已关闭 1，没有这个订单 1\n$/)
  })

  test('--dry-run closes nothing', async () => {
    const tea = freshNumber()
    await ordered(shop(), tea)
    await shop().advance('5m')
    const { code, out } = await cloudpay(['close', tea, 'TEA-none', '--dry-run', ...at('shop')])
    expect(code).toBe(0)
    expect(out).toBe(
      `${tea}  would be closed, 9.90 CNY\nTEA-none  no such order\n1 would be closed, 9.90 CNY in all; nothing was changed\n`,
    )
    expect(await shop().historyOf(tea)).toEqual(['ordered'])
  })

  test('a number that was never ordered is closed where the rules remember it', async () => {
    const tea = freshNumber()
    const first = await cloudpay(['close', tea, ...at('remembering')])
    expect(first).toMatchObject({
      code: 0,
      out: expect.stringContaining('never ordered; remembered as closed'),
    })
  })
})

describe('close --unpaid-before', () => {
  const numbers: string[] = []
  const bulk = ['close', '--unpaid-before', '1h']
  beforeAll(async () => {
    const its = open.shop('bulk')
    for (let count = 0; count < 30; count++) {
      const tea = freshNumber()
      await ordered(its, tea, { total_fee: 100_001 })
      numbers.push(tea)
    }
    await its.pay({ out_trade_no: numbers[0] })
    await its.advance('1h')
    await ordered(its, freshNumber('LATER'))
  })

  test('--dry-run lists what would be closed, how many, and their sum', async () => {
    const { code, out } = await cloudpay([...bulk, '--dry-run', ...at('bulk')])
    expect(code).toBe(0)
    const lines = out.trim().split('\n')
    expect(
      lines
        .slice(0, -1)
        .map((line) => line.split(' ')[0])
        .sort(),
    ).toEqual(numbers.slice(1).sort())
    expect(lines.at(-1)).toBe('29 would be closed, 29,000.29 CNY in all; nothing was changed')
    expect(await open.shop('bulk').historyOf(numbers[1] ?? '')).toEqual(['ordered'])
  })

  test('without a terminal to ask it wants --yes, and closes nothing', async () => {
    const refused = await cloudpay([...bulk, ...at('bulk')])
    expect(refused).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('29 orders would be closed (29,000.29 CNY)'),
    })
    expect(refused.err).toContain('Add --yes')
    expect(await open.shop('bulk').historyOf(numbers[1] ?? '')).toEqual(['ordered'])
  })

  test('with --yes all are closed, later and paid ones are not, and once more nothing is left to do', async () => {
    const { code, out, err } = await cloudpay([...bulk, '--yes', ...at('bulk')])
    expect({ code, err }, 'no bar where nobody is watching').toEqual({ code: 0, err: '' })
    expect(out).toMatch(/\nclosed 29 \(29,000\.29 CNY\)\n$/)
    for (const tea of numbers.slice(1))
      expect(await open.shop('bulk').historyOf(tea)).toEqual(['ordered', 'closed'])
    expect(await open.shop('bulk').historyOf(numbers[0] ?? '')).toEqual(['ordered', 'paid'])

    const again = await cloudpay([...bulk, '--yes', '--json', ...at('bulk')])
    expect(again.code).toBe(0)
    expect(linesOf(again.out)).toEqual([
      { summary: expect.objectContaining({ closed: 0, already_closed: 0 }) },
    ])
  })

  test('an order that is too young is counted apart, and left', async () => {
    const its = open.shop('young')
    await its.setClock({ freeze: true })
    await ordered(its, freshNumber())
    await its.advance('1s')
    const later = ['close', '--unpaid-before', '2099-01-01T00:00:00+08:00', '--dry-run', ...at('young')]
    expect((await cloudpay(later)).out, 'the future is now').toContain('1 more cannot be closed yet')
    const dry = await cloudpay(['close', '--unpaid-before', '1s', '--dry-run', ...at('young')])
    expect(dry.out, 'made not before, but at that moment').toContain(
      '0 would be closed, 0.00 CNY in all; nothing',
    )
    await its.advance('1s')
    const early = ['close', '--unpaid-before', '1s', ...at('young')]
    expect((await cloudpay([...early, '--dry-run'])).out).toContain('1 more cannot be closed yet')
    expect(await cloudpay([...early, '--yes'])).toMatchObject({
      code: 3,
      out: expect.stringContaining('not yet 1'),
    })
  })
})

describe('prove', () => {
  test.each([
    ['closed', 0, 'safe to replace', closed],
    ['paid', 2, 'NOT safe to replace', paid],
    ['unpaid', 3, 'NOT safe to replace', ordered],
  ] as const)('of a %s order', async (_what, code, words, arrange) => {
    const tea = freshNumber()
    await arrange(shop(), tea)
    const proved = await cloudpay(['prove', tea, ...at('shop')])
    expect(proved).toMatchObject({ code, err: '' })
    expect(proved.out.split('\n')[0]).toBe(`${tea}  ${words}`)
    expect(proved.out).toMatch(
      /order .*9\.90 CNY, merchant 1900000109, environment shop\n.*looked at .*\n.*why .*\n.*what to do /,
    )
    const chinese = await cloudpay(['prove', tea, ...at('shop')], { LANG: 'zh_CN.UTF-8' })
    expect(chinese.out).toMatch(/可以换新订单号\n {2}订单 /)
    const json: unknown = JSON.parse((await cloudpay(['prove', tea, '--json', ...at('shop')])).out)
    expect(json).toMatchObject({
      out_trade_no: tea,
      safe: code === 0,
      taken_at: expect.stringMatching(/\+08:00$/),
    })
  })

  test('shows all attempts at a purchase, and what is to become of it', async () => {
    const [a, b] = [freshNumber(), freshNumber()]
    await ordered(shop(), a)
    await ordered(shop(), b, { replaces: a })
    const { code, out } = await cloudpay(['prove', a, ...at('shop')])
    expect(code).toBe(3)
    expect(out).toMatch(
      new RegExp(
        `attempts: 2; the live one is ${b}\n.*> ${a}  CLOSING .*cannot be paid\n.*${b}  NOTPAY .*can be paid\n`,
      ),
    )
    expect(out).toMatch(/the engine .*Beijing time: closes it \(another number took its place\)\n$/)
  })

  test('of a number that is not there', async () => {
    expect(await cloudpay(['prove', 'TEA-none', ...at('shop')])).toMatchObject({
      code: 4,
      out: '',
      err: expect.stringContaining('environment shop has no order TEA-none'),
    })
  })
})

test.each([
  ['close', 'TEA-1', 'TEA-2'],
  ['close', '--unpaid-before', '2h', '--yes'],
  ['prove', 'TEA-1'],
])('%s %s: a server that is away is said so, with exit code 5', async (...args) => {
  const { code, err } = await cloudpay([...args, ...away])
  expect(code).toBe(5)
  expect(err).toMatch(/^cloudpay: cannot reach http:\/\/127\.0\.0\.1:9: start the server.*\n$/)
})

test.each([
  ['close', 'TEA-1'],
  ['close', '--unpaid-before', '2h', '--yes'],
  ['prove', 'TEA-1'],
])('%s %s: without the token it is refused, and the token is asked for; with it, not', async (...args) => {
  const whose = ['--url', guarded.url, '--env', 'shop']
  const without = await cloudpay([...args, ...whose])
  expect(without).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('set CLOUDPAY_ADMIN_TOKEN'),
  })
  const { err, code } = await cloudpay([...args, ...whose], { CLOUDPAY_ADMIN_TOKEN: adminToken })
  expect(err).not.toContain('CLOUDPAY_ADMIN_TOKEN')
  expect([0, 4]).toContain(code)
})

test('an environment that is not there is refused in the words of the server', async () => {
  expect(await cloudpay(['prove', 'TEA-1', ...at('nowhere')])).toMatchObject({
    code: 1,
    err: expect.stringContaining('there is no environment'),
  })
})

test.each([
  [['close'], 'Give the numbers to close, or --unpaid-before'],
  [['close', 'TEA-1', '--unpaid-before', '2h'], 'and not both'],
  [['close', 'TEA 1'], '<number> ("TEA 1") is not right'],
  [['close', '--unpaid-before', 'yesterday'], '--unpaid-before ("yesterday") is not right'],
  [['close', '--unpaid-before', '2026-12-01 00:00'], 'a time with an offset'],
  [['close', 'TEA-1', '--env-id', ''], '--env-id ("") is not right'],
  [['close', 'TEA-1', '--sub-mch-id', 'a b'], '--sub-mch-id ("a b") is not right'],
  [['close', 'TEA-1', '--url', 'nowhere'], '--url ("nowhere") is not right'],
  [['prove'], 'argument <number> is missing'],
  [['prove', 'TEA-1', 'TEA-2'], 'too many arguments for prove'],
])('%j is refused with one line', async (args, words) => {
  const { code, out, err } = await cloudpay(args)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain(words)
  expect(err).toMatch(/^cloudpay: [^\n]*\n$/)
})
