/** The commands as processes, against a server: what people read in both languages, what programs read, exit codes. */
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { away, launch } from '../../test/support/command.ts'
import { here } from '../../test/support/command-here.ts'
import { ordered, paid } from '../../test/support/orders.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox } from '../../test/support/sandbox.ts'
import { inTerminal } from '../../test/support/terminal-process.ts'

const adminToken = 'token-of-the-administrator-7f3a'
let open: Sandbox
let guarded: Sandbox
beforeAll(async () => {
  await ensureBuilt()
  open = await openSandbox({
    environments: ['shop', 'listed', 'told', 'timed'].map((envId) =>
      environmentNamed(envId, 'documented', envId === 'timed' ? { closeAfterSevenDays: true } : {}),
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
const zh = { LANG: 'zh_CN.UTF-8' }
const linesOf = (out: string): unknown[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const jsonOf = (out: string): unknown => {
  expect(out, 'one line').toMatch(/^[^\n]*\n$/)
  return JSON.parse(out)
}

describe('orders', () => {
  const numbers: string[] = []
  beforeAll(async () => {
    const shop = open.shop('listed')
    for (let count = 0; count < 3; count++) numbers.push(freshNumber())
    for (const tea of numbers) await ordered(shop, tea, { body: `乌龙茶\u001b[2J ${tea}` })
    await shop.pay({ out_trade_no: numbers[0] })
  })

  test('list is a table whose columns are in line, in either language, with nothing in it that moves a cursor', async () => {
    const english = await cloudpay(['orders', 'list', ...at('listed')])
    expect(english).toMatchObject({ code: 0, err: '' })
    const [head = '', newest = '', , oldest = ''] = english.out.split('\n')
    expect(head).toMatch(/^number +state +amount +ordered \(Beijing\) +payable until +merchant +what$/)
    expect(newest).toMatch(
      new RegExp(`^${numbers[2]} +unpaid +9\\.90 CNY  [-\\d: ]{19}  [-\\d: ]{19}  1900000109  乌龙茶\ufffd`),
    )
    expect(oldest).toMatch(new RegExp(`^${numbers[0]} +paid `))
    expect(english.out).not.toContain('\u001b')
    const chinese = await here(['orders', 'list', ...at('listed')], 'zh')
    expect(chinese.out).toMatch(/^订单号 +状态 .*\n.*待支付/)
  })

  test('list --json is an order a line; less than there are is said', async () => {
    const { out, err } = await cloudpay([
      'orders',
      'list',
      '--unpaid',
      '--limit',
      '1',
      '--json',
      ...at('listed'),
    ])
    expect(linesOf(out)).toMatchObject([{ out_trade_no: numbers[2], state: 'NOTPAY', total_fee: 990 }])
    expect(err).toContain('there are more: --limit <number>, or --all')
    const all = await here([
      'orders',
      'list',
      '--all',
      '--state',
      'NOTPAY,SUCCESS',
      '--json',
      ...at('listed'),
    ])
    expect(linesOf(all.out)).toHaveLength(3)
    const none = await here(['orders', 'list', '--unpaid', ...at('told')])
    expect(none).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringContaining('told has no unpaid orders:'),
    })
    const no = await here(['orders', 'list', '--search', 'TEA-none', ...at('told')])
    expect(no.err).toContain('no order in environment told matches these flags')
  })

  test('an order is found by any of its numbers, and shown with what happened to it', async () => {
    const [tea = ''] = numbers
    const shown = await cloudpay(['orders', 'show', tea, '--json', ...at('listed')])
    expect(shown).toMatchObject({ code: 0, err: '' })
    const json = jsonOf(shown.out)
    expect(json).toMatchObject({ out_trade_no: tea, history: [{ event: 'ordered' }, { event: 'paid' }] })
    const transaction = String(Object(json).transaction_id)
    const page = await here(['orders', 'show', transaction, ...at('listed')])
    expect(page.out).toMatch(new RegExp(`^${tea}  paid\n`))
    for (const words of [
      'what happened (Beijing time)',
      '  ordered\n',
      `cloudpay refund ${tea} --url ${open.url} --env-id listed --sub-mch-id 1900000109  refunds it`,
    ])
      expect(page.out).toContain(words)
    const chinese = await here(['orders', 'show', tea, ...at('listed')], 'zh')
    expect(chinese.out).toMatch(/已支付\n[\s\S]*经过（北京时间）[\s\S]*支付成功/)
    expect(
      linesOf((await cloudpay(['orders', 'list', '--search', transaction, '--json', ...at('listed')])).out),
    ).toHaveLength(1)
  })

  test('watch says each order as it changes, a JSON a line, and ends with Ctrl+C', async () => {
    const { child, done, said, remarked } = launch(['orders', 'watch', '--json', ...at('listed')], {
      cwd: tmpdir(),
    })
    await remarked('press Ctrl+C')
    await open.shop('listed').pay({ out_trade_no: numbers[1] })
    await said(`"out_trade_no":"${numbers[1]}","state":"SUCCESS"`)
    child.kill('SIGINT')
    const { code, out, err } = await done
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('press Ctrl+C to stop') })
    expect(linesOf(out), 'what changed alone').toMatchObject([{ out_trade_no: numbers[1] }])
  })

  test('watch ends when nobody reads it any more', async () => {
    const { child, done, remarked } = launch(['orders', 'watch', ...at('listed')], { cwd: tmpdir() })
    await remarked('press Ctrl+C')
    child.stdout?.destroy()
    await ordered(open.shop('listed'), freshNumber())
    expect((await done).code).toBe(0)
  })
})

describe('pay and refund', () => {
  test('the customer hesitates, pays, and is refunded once however often it is asked for', async () => {
    const tea = freshNumber()
    await ordered(open.shop('shop'), tea)
    const cancelled = await cloudpay(['pay', tea, '--then', 'cancel', ...at('shop')])
    expect(cancelled).toEqual({
      code: 0,
      out: `${tea}  the customer cancelled; it can still be paid\n`,
      err: '',
    })
    const bought = await cloudpay(['pay', tea, '--json', ...at('shop')])
    expect(bought.code).toBe(0)
    expect(jsonOf(bought.out)).toMatchObject({
      out_trade_no: tea,
      outcome: 'paid',
      transaction_id: expect.stringMatching(/^\d{28}$/),
      paid_at: expect.stringMatching(/\+08:00$/),
    })
    const again = await here(['pay', tea, ...at('shop')], 'zh')
    expect(again).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^cloudpay: .*不能支付：/) })

    const part = ['refund', tea, '--fee', '300', '--reason', 'sold out', ...at('shop')]
    const first = await cloudpay(part)
    expect(first).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining(`${tea}-R1  accepted, 3.00 CNY`),
    })
    const second = jsonOf((await here([...part, '--json'])).out)
    expect(second).toMatchObject({
      outcome: 'accepted',
      refund: { out_refund_no: `${tea}-R1`, refund_fee: 300 },
    })
    const other = await here(['refund', tea, '--fee', '200', ...at('shop')], 'zh')
    expect(other.code).toBe(1)
    expect(other.err.split('REFUND_FEE_MISMATCH'), 'the code, once').toHaveLength(2)
    const more = await here(['refund', tea, '--fee', '9900', '--refund-no', `${tea}-R2`, ...at('shop')])
    expect(more).toMatchObject({ code: 1, out: '', err: expect.stringContaining('cannot be refunded') })
    expect((await cloudpay(['orders', 'show', tea, ...at('shop')])).out).toContain(
      `--refund-no ${tea}-R2 --url ${open.url} --env-id shop  refunds the rest`,
    )
  })

  test('a payment that comes too late has an exit code of its own', async () => {
    const tea = freshNumber()
    const shop = open.shop('shop')
    await ordered(shop, tea)
    await shop.advance('5m')
    await shop.closeOrder(tea)
    const on = await cloudpay([
      'faults',
      'on',
      'paid-too-late',
      '--order',
      tea,
      '--times',
      '1',
      ...at('shop'),
    ])
    expect(on).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/^paid-too-late is on \(id \w+\)/),
    })
    const late = await here(['pay', tea, ...at('shop')])
    expect(late).toMatchObject({
      code: 2,
      out: expect.stringContaining('paid too late, the order stays closed'),
    })
  })
})

test('an order says until when it can be paid and from when on closed, and how much of it went back', async () => {
  const tea = freshNumber()
  await ordered(open.shop('shop'), tea)
  const unpaid = await here(['orders', 'show', tea, ...at('shop')])
  expect(unpaid.out).toMatch(
    /\n {2}payable until +[-\d: ]{19} Beijing time\n {2}closable from +[-\d: ]{19} Beijing time\n/,
  )
  expect(unpaid.out, 'what can be copied').toContain(
    `\n  cloudpay pay ${tea} --url ${open.url} --env-id shop  pays it`,
  )
  expect((await here(['orders', 'show', tea, ...at('shop')], 'zh')).out).toMatch(
    /\n {2}最早可关单 +北京时间 /,
  )
  await open.shop('shop').pay({ out_trade_no: tea })
  await here(['refund', tea, '--fee', '300', ...at('shop')])
  const part = await here(['orders', 'show', tea, ...at('shop')])
  expect(part.out).toContain(`${tea}  refunded 3.00 of 9.90\n`)
  expect(part.out).toMatch(/\n {2}refunded +3\.00 of 9\.90\n/)
  expect(part.out).toContain(
    `cloudpay refund ${tea} --refund-no ${tea}-R2 --url ${open.url} --env-id shop  refunds the rest`,
  )
  expect(part.out).not.toMatch(/payable until|expires/)
  expect((await here(['orders', 'list', '--search', tea, ...at('shop')], 'zh')).out).toContain(
    '已退 3.00，共 9.90',
  )
  await here(['refund', tea, '--refund-no', `${tea}-R2`, ...at('shop')])
  const whole = await here(['orders', 'show', tea, ...at('shop')])
  expect(whole.out).toContain(`${tea}  refunded\n`)
  expect(whole.out).toMatch(/\n {2}refunded +9\.90, all of it\n/)
})

describe('callbacks', () => {
  let tea: string
  beforeAll(async () => {
    tea = freshNumber()
    await paid(open.shop('told'), tea)
    await open.shop('told').advance('1s')
  })

  test('what did not arrive is listed with why, in either language, and as JSON', async () => {
    const list = ['callbacks', 'list', ...at('told')]
    const english = await cloudpay(list)
    expect(english.out).toMatch(
      new RegExp(`\n${tea} +paid +(undeliverable|exhausted) +1 .*nobody hosts the function payCallback`),
    )
    expect(english.err).toMatch(
      new RegExp(`main\\.js callbacks resend '<number>' --url ${open.url} --env-id told\n$`),
    )
    expect(english.out, 'of the server’s texts too').toContain(
      `dev --url ${open.url} --env-id told ./cloudfunctions`,
    )
    expect((await here(list, 'zh')).out).toMatch(/没有程序托管云函数 payCallback/)
    const json = await here([...list, '--json'])
    expect(linesOf(json.out)).toMatchObject([{ out_trade_no: tea, notices: [{ kind: 'paid', attempts: 1 }] }])
    expect(json.out, 'as the server said it').toContain('cloudpay dev ./cloudfunctions')
    const arrived = await here([...list, '--state', 'delivered'])
    expect(arrived).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(
        /^Environment told has no callback that is delivered\. There are callbacks after/,
      ),
    })
    expect(await here([...list, '--state', 'delivered', '--json']), 'nothing but JSON').toMatchObject({
      out: '',
    })
    const none = await here(['callbacks', 'list', ...at('timed')])
    expect(none).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(
        /^Environment timed has no callback that did not arrive\. After a payment or a refund/,
      ),
    })
  })

  test('every attempt is shown, and one more whenever it is sent again', async () => {
    const said = await here(['callbacks', 'resend', tea, ...at('told')])
    expect(said.out).toContain(
      `what comes of it: cloudpay callbacks show ${tea} --url ${open.url} --env-id told\n`,
    )
    await open.shop('told').advance('1s')
    const resent = await cloudpay(['callbacks', 'resend', tea, '--json', ...at('told')])
    expect(jsonOf(resent.out)).toEqual({ outcome: 'resent', count: 1 })
    await open.shop('told').advance('1s')
    const shown = await cloudpay(['callbacks', 'show', tea, ...at('told')])
    expect(shown.out).toMatch(/attempt 1 [\s\S]*→ payCallback [\s\S]*sent {2}\{"appid"[\s\S]*attempt 2 /)
    const json = jsonOf((await here(['callbacks', 'show', tea, '--json', ...at('told')])).out)
    expect(json).toMatchObject({
      out_trade_no: tea,
      attempts: [{ attempt: 3 }, { attempt: 2 }, { attempt: 1 }],
    })
    const unknown = await here(['callbacks', 'resend', `${tea}-R1`, '--refund', ...at('told')])
    expect(unknown).toMatchObject({ code: 4, out: '', err: expect.stringContaining(`has no ${tea}-R1`) })
  })
})

describe('numbers that several have, and numbers that look like flags', () => {
  test('what was asked of one merchant is printed of that merchant, and can be typed', async () => {
    const tea = freshNumber()
    const shop = open.shop('shop')
    for (const sub_mch_id of ['1900000109', '1900000777']) await ordered(shop, tea, { sub_mch_id })
    const whose = ['--sub-mch-id', '1900000109', ...at('shop')]
    const waiting = await here(['pay', tea, '--then', 'wait', ...whose])
    const printed = /go on with cloudpay (.*)\n$/.exec(waiting.out)?.[1]
    expect(await here(`${printed}`.split(' '))).toMatchObject({ code: 0, err: '' })
    const shown = await here(['orders', 'show', tea, ...whose])
    expect(shown.out).toContain(
      `cloudpay refund ${tea} --url ${open.url} --env-id shop --sub-mch-id 1900000109  refunds it`,
    )
    const other = ['--sub-mch-id', '1900000777', ...at('shop')]
    expect((await here(['prove', tea, ...other])).out).toContain(
      `cloudpay close --url ${open.url} --env-id shop --sub-mch-id 1900000777 ${tea}`,
    )
    const { transaction_id } = Object(jsonOf((await here(['orders', 'show', tea, '--json', ...whose])).out))
    expect(
      (await here(['orders', 'show', transaction_id, ...at('shop')])).out,
      'found by another number',
    ).toContain(' --sub-mch-id 1900000109  refunds it')
  })

  test('a number like --help is taken behind --, and printed so', async () => {
    const number = '--help'
    await ordered(open.shop('shop'), number)
    const behind = [...at('shop'), '--', number]
    const flags = `--url ${open.url} --env-id shop`
    const shown = await here(['orders', 'show', ...behind])
    expect(shown.out).toContain(`  cloudpay pay ${flags} -- '--help'  pays it`)
    expect((await here(['prove', ...behind])).out).toContain(`cloudpay close ${flags} -- '--help'`)
    expect((await here(['pay', ...behind])).out).toContain(
      `its callback: cloudpay callbacks show ${flags} -- '--help'`,
    )
    expect((await here(['refund', ...behind])).out).toContain(`see cloudpay orders show ${flags} -- '--help'`)
    const away5 = await here(['pay', ...away, '--', number])
    expect(away5.code).toBe(5)
  })

  test('of a merchant that has nothing, nothing is sent again', async () => {
    const tea = freshNumber()
    await paid(open.shop('told'), tea)
    await open.shop('told').advance('1s')
    const resend = ['callbacks', 'resend', '--state', 'exhausted', ...at('told')]
    const none = await here([...resend, '--sub-mch-id', '1900000555', '--json'])
    expect(jsonOf(none.out)).toEqual({ outcome: 'resent', count: 0 })
    const all = await here(resend)
    expect(all.out).toMatch(/^sent again: [1-9]\d*, .*what comes of it: cloudpay callbacks list --url /)
    await open.shop('told').advance('1s')
  })
})

describe('clock and faults', () => {
  test('the clock stands, goes on, and moves to whatever falls due', async () => {
    const clock = async (...args: string[]) =>
      Object(jsonOf((await here(['clock', ...args, '--json', ...at('timed')])).out))
    expect(await clock('freeze')).toMatchObject({ mode: 'frozen' })
    const before = new Date((await clock('show')).now).getTime()
    const advanced = await clock('advance', '5m')
    expect(new Date(advanced.now).getTime() - before).toBe(300_000)
    expect(new Date(advanced.was).getTime()).toBe(before)
    expect(await clock('set', '2040-01-01T09:00:00+08:00')).toMatchObject({
      now: '2040-01-01T09:00:00.000+08:00',
    })
    const nothing = await here(['clock', 'next', ...at('timed')])
    expect(nothing).toMatchObject({ code: 1, err: expect.stringContaining('nothing falls due') })
    const tea = freshNumber()
    await ordered(open.shop('timed'), tea)
    expect((await here(['clock', 'show', ...at('timed')])).out, 'what, and of which order').toMatch(
      new RegExp(`frozen\\nnext falls due: [\\d: -]{19} Beijing time {2}order ${tea} is closed\\n`),
    )
    expect(await cloudpay(['clock', 'run', ...at('timed')])).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/ Beijing time {2}running\n(next|nothing) falls due/),
    })
    expect((await here(['clock', 'show', ...at('timed')], 'zh')).out).toMatch(
      /^北京时间 2040-01-01 09:00:\d\d {2}运行中\n/,
    )
    const back = await here(['clock', 'set', '2020-01-01T00:00:00Z', ...at('timed')])
    expect(back).toMatchObject({ code: 1, err: expect.stringContaining('time cannot go back') })
  })

  test('a fault is switched on for some orders, listed with all that there are, and switched off', async () => {
    const on = [
      'faults',
      'on',
      'slow',
      '--order',
      'TEA-9*',
      '--times',
      '3',
      '--span',
      '1s',
      '--json',
      ...at('timed'),
    ]
    const switched = Object(jsonOf((await cloudpay(on)).out)).switched_on
    expect(switched).toEqual({ id: expect.any(String), fault: 'slow' })
    const listed = await cloudpay(['faults', 'list', ...at('timed')])
    expect(listed.out).toMatch(
      /^on +when +id\nslow +TEA-9\*, 3 more times +\w+\n\nfault +strikes +what happens\n/,
    )
    expect((await here(['faults', 'list', ...at('timed')], 'zh')).out).toMatch(
      /还有 3 次[\s\S]*故障 +作用于[\s\S]* (回调|付款|退款) /,
    )
    expect(jsonOf((await here(['faults', 'list', '--json', ...at('timed')])).out)).toMatchObject({
      on: [{ fault: 'slow' }],
    })
    expect((await cloudpay(['faults', 'off', 'all', ...at('timed')])).out).toBe('faults switched off: 1\n')
    expect(await here(['faults', 'off', 'nix', ...at('timed')])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/no fault has that name or id; which are on: cloudpay faults list --url/),
    })
    const unknown = await here(['faults', 'on', 'rain', ...at('timed')])
    expect(unknown).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no such fault; it must be one of systemerror-before'),
    })
  })
})

describe('env', () => {
  test('environments are listed; what leads an SDK here is printed for a shell, a file, a program', async () => {
    expect((await cloudpay(['env', 'list', '--url', open.url])).out).toMatch(
      /\nshop +sandbox +documented +en +test +refund/,
    )
    expect(linesOf((await here(['env', 'list', '--json', '--url', open.url])).out)).toHaveLength(4)
    const shown = await cloudpay(['env', 'show', ...at('shop')])
    expect(shown.out).toBe(
      `export TCB_CONTEXT_CNFG='{"URL":"${open.url}/admin"}'\nexport TENCENTCLOUD_SECRETID=AKIDshop\n`,
    )
    expect(shown.err, 'a key of its own is nobody else’s').toContain('set TENCENTCLOUD_SECRETKEY')
    const dotenv = await here(['env', 'show', '--format', 'dotenv', ...at('shop')])
    expect(dotenv.out).toMatch(/^TCB_CONTEXT_CNFG='\{.*\}'\nTENCENTCLOUD_SECRETID='AKIDshop'\n$/)
    const powershell = await here(['env', 'show', '--format', 'powershell', ...at('shop')])
    expect(powershell.out).toBe(
      `$env:TCB_CONTEXT_CNFG = '{"URL":"${open.url}/admin"}'\n$env:TENCENTCLOUD_SECRETID = 'AKIDshop'\n`,
    )
    expect(JSON.parse((await here(['env', 'show', '--format', 'json', ...at('shop')])).out)).toEqual({
      TCB_CONTEXT_CNFG: `{"URL":"${open.url}/admin"}`,
      TENCENTCLOUD_SECRETID: 'AKIDshop',
    })
    expect(jsonOf((await here(['env', 'show', '--json', ...at('shop')])).out)).toMatchObject({
      env_id: 'shop',
      variables: { TENCENTCLOUD_SECRETID: 'AKIDshop' },
    })
  })
})

test('a token that is not the server’s is said to be that, not to be missing', async () => {
  const args = ['orders', 'list', '--url', guarded.url]
  const wrong = { CLOUDPAY_ADMIN_TOKEN: 'wrong' }
  expect(await here(args, 'en', wrong)).toMatchObject({
    code: 1,
    err: expect.stringContaining("the token in CLOUDPAY_ADMIN_TOKEN is not the server's"),
  })
  expect((await here(args, 'zh', wrong)).err).toContain('CLOUDPAY_ADMIN_TOKEN 中的令牌不是该服务的')
})

test('time that shall go back is said to go forward only', async () => {
  const ended = await cloudpay(['clock', 'advance', '-5m', ...at('timed')])
  expect(ended).toMatchObject({
    code: 1,
    err: expect.stringContaining('a duration such as 5m; the clock only goes forward'),
  })
})

describe('in a terminal', () => {
  test('colours are shown, unless NO_COLOR is set; bars and questions too', async () => {
    const tea = freshNumber()
    await ordered(open.shop('shop'), tea)
    const seen = await inTerminal(['orders', 'show', tea, ...at('shop')]).done
    expect(seen.out).toContain('\u001b[33munpaid\u001b[39m')
    const plain = await inTerminal(['orders', 'show', tea, ...at('shop')], { NO_COLOR: '1' }).done
    expect(plain.out).not.toContain('\u001b')
    await open.shop('shop').advance('5m')
    const closing = inTerminal(['close', '--unpaid-before', '1s', ...at('shop')], zh)
    await closing.shows('[y/N]')
    closing.type('y\r')
    const { code, out } = await closing.done
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/100%[\s\S]*已关闭 \d+ \(/) })
  })

  test('Ctrl+C ends watching cleanly', async () => {
    const watching = inTerminal(['orders', 'watch', ...at('listed')], zh)
    await watching.shows('按 Ctrl+C 停止')
    watching.type('\u0003')
    const { code, out } = await watching.done
    expect(code).toBe(0)
    expect(out).not.toMatch(/Error|at .*\.js:/)
  })
})

/** All of them ask by the same way. */
const asking = [
  ['orders', 'watch'],
  ['callbacks', 'resend', 'TEA-1'],
  ['env', 'list'],
]

test('a server that is away is said so, and how to start one, with exit code 5', async () => {
  const ended = await Promise.all(asking.map((args) => cloudpay([...args, ...away])))
  for (const { code, out, err } of ended) {
    expect({ code, out }).toEqual({ code: 5, out: '' })
    expect(err).toMatch(
      /^cloudpay: cannot reach http:\/\/127\.0\.0\.1:9: start the server \(\S.* start --port 9\), or name it with --url/,
    )
  }
})

test('without the token a command is refused, and says which variable it is', async () => {
  const whose = ['--url', guarded.url, '--env-id', 'shop']
  const ended = await Promise.all(
    asking.map((args) =>
      here([...args, ...(args.join(' ') === 'env list' ? whose.slice(0, 2) : whose)], 'zh'),
    ),
  )
  for (const { code, out, err } of ended)
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: expect.stringContaining('请设置环境变量 CLOUDPAY_ADMIN_TOKEN'),
    })
})

test.each([
  [['orders', 'show', 'TEA-none'], 'knows no number TEA-none'],
  [['pay', 'TEA-none'], 'has no order TEA-none'],
  [['refund', 'TEA-none'], 'has no order TEA-none'],
  [['callbacks', 'show', 'TEA-none'], 'knows no number TEA-none'],
])('%j: a number that is not there has exit code 4, and what to check is said', async (args, words) => {
  expect(await here([...args, ...at('shop')])).toMatchObject({
    code: 4,
    out: '',
    err: expect.stringContaining(words),
  })
})

test.each([
  [['orders', 'list', '--limit', '0'], '--limit ("0") is not right'],
  [['orders', 'list', '--state', 'PAID'], 'it must be WAITING, CREATING'],
  [['orders', 'list', '--created-after', 'yesterday'], '--created-after ("yesterday") is not right'],
  [['pay', 'TEA-1', '--then', 'run'], 'it must be one of pay, cancel, fail, wait'],
  [['refund', 'TEA-1', '--fee', '9.90'], 'amounts are in fen'],
  [['refund', 'TEA-1', '--refund-no', 'a b'], '--refund-no ("a b") is not right'],
  [['callbacks', 'resend'], 'Give a number, or --state'],
  [['callbacks', 'resend', 'TEA-1', '--state', 'failing'], 'and not both'],
  [['clock', 'advance', 'soon'], 'it must look like 5m, 24h or 1h30m'],
  [['clock', 'set', '2030-01-01 09:00'], 'a time with an offset'],
  [['faults', 'on', 'slow', '--times', '0'], '--times ("0") is not right'],
  [['env', 'show', '--format', 'yaml'], 'it must be one of shell, powershell, dotenv, json'],
])('%j is refused, before anything is asked', async (args, words) => {
  const english = await here([...args, ...away])
  expect(english).toEqual({ code: 1, out: '', err: expect.stringContaining(words) })
  expect((await here([...args, ...away], 'zh')).err).toMatch(/^cloudpay: .*\p{Script=Han}.*\n$/u)
})
