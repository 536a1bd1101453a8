/** The pages on which a person pays: where a NATIVE order's code and an MWEB order's link lead. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textOf } from '../support/answers.ts'
import { ordered } from '../support/orders.ts'
import { rawRequest } from '../support/raw-request.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox, type Shop } from '../support/sandbox.ts'

let sandbox: Sandbox
let shop: Shop
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [environmentNamed('documented', 'documented')],
    // A phone carries no token: the id in the address is all the right that it takes.
    adminToken: 'token-of-the-administrator',
  })
  shop = sandbox.shop()
})
afterAll(() => sandbox.close())

const asAdmin = { authorization: 'Bearer token-of-the-administrator' }

async function look(url: string, language = 'en') {
  const response = await fetch(`${url}${url.includes('?') ? '&' : '?'}lang=${language}`)
  return { status: response.status, headers: response.headers, page: await response.text() }
}

/** A person presses a button; the browser follows. */
async function press(url: string, then: string, openid = '') {
  const response = await fetch(url, {
    method: 'POST',
    // As browsers send the form of a page whose referrer policy lets its own origin know.
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: sandbox.url },
    body: new URLSearchParams({ then, openid }).toString(),
  })
  expect(response.redirected, 'pressing twice pays once: the page is another').toBe(true)
  return response.text()
}

const native = async (tea: string, more?: object) =>
  textOf(await ordered(shop, tea, { trade_type: 'NATIVE', product_id: '1', ...more }), 'code_url')
const h5 = async (tea: string) =>
  textOf(await ordered(shop, tea, { trade_type: 'MWEB', scene_info: '{}' }), 'mweb_url')

test("a NATIVE order's code leads to a page with its amount and the code itself, and pays", async () => {
  const tea = freshNumber()
  const url = await native(tea)
  const { status, page } = await look(url)
  expect(status).toBe(200)
  for (const part of ['¥9.90', 'Tea shop - oolong', tea, '<svg', 'Scan with a phone'])
    expect(page).toContain(part)
  expect(await press(url, 'pay')).toContain('✓ Paid')
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'SUCCESS', trade_type: 'NATIVE' })
  expect((await look(url)).page, 'and the page stays so').toContain('✓ Paid')
})

test("an MWEB order's link leads to a page without a code, and back to the shop", async () => {
  const tea = freshNumber()
  const url = `${await h5(tea)}&redirect_url=${encodeURIComponent('https://tea.example.com/done?a=1&b=2')}`
  expect((await look(url)).page).not.toContain('<svg')
  expect(await press(url, 'pay')).toContain('href="https://tea.example.com/done?a=1&amp;b=2"')
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'SUCCESS' })
})

test('a link back that is no web page is no link', async () => {
  const url = await h5(freshNumber())
  for (const back of ['javascript:alert(1)', 'data:text/html,x', '//tea.example.com', 'x']) {
    expect(await press(`${url}&redirect_url=${encodeURIComponent(back)}`, 'pay')).not.toContain(
      'Back to the shop',
    )
  }
})

test('who cancels has not paid, and can pay after all', async () => {
  const tea = freshNumber()
  const url = await native(tea)
  expect(await press(url, 'cancel')).toContain('Not paid. The order can still be paid')
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY' })
  await press(url, 'pay')
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'SUCCESS' })
})

test('the payer is chosen among several', async () => {
  await sandbox.control('/sandbox/payers', { env_id: 'documented', name: '<Lin>', openid: 'oLin' }, asAdmin)
  const tea = freshNumber()
  const url = await native(tea)
  expect((await look(url)).page).toContain('<option value="oLin">&lt;Lin&gt; (oLin)</option>')
  await press(url, 'pay', 'oLin')
  expect(await shop.queryOrder(tea)).toMatchObject({ openid: 'oLin' })
})

describe('the page says why an order cannot be paid:', () => {
  test('it was closed while its payer looked at it', async () => {
    const tea = freshNumber()
    const url = await native(tea)
    const response = await fetch(`${sandbox.url}/sandbox/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...asAdmin },
      body: JSON.stringify({ env_id: 'documented', advance: '5m' }),
    })
    expect(response.status).toBe(200)
    expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'SUCCESS' })
    expect(await press(url, 'pay')).toContain('the order is closed; order again with a new number')
    expect((await look(url, 'zh')).page).toContain('该订单已关闭，请重新下单')
  })

  test('there is none', async () => {
    for (const path of [
      '/q/nope',
      '/q/wx2605260080e5097d2a0ad7d828fcd60000',
      `/sandbox/h5?prepay_id=${'x'.repeat(60)}`,
    ]) {
      const { status, page } = await look(`${sandbox.url}${path}`)
      expect(status).toBe(404)
      expect(page).toContain('There is no such order')
    }
  })
})

test('nothing of an order is ever markup, and nothing runs on the page', async () => {
  const tea = freshNumber()
  const url = await native(tea, { body: '<script>alert("tea")</script>&amp;' })
  const { page, headers } = await look(url)
  expect(page).toContain('&lt;script&gt;alert(&quot;tea&quot;)&lt;/script&gt;&amp;amp;')
  expect(page).not.toContain('<script')
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
  expect(headers.get('cache-control')).toBe('no-store')
  // Any stricter, and a browser hides from us that the form is our own page's (`Origin: null`).
  expect(headers.get('referrer-policy')).toBe('same-origin')
})

test('a page of another site, or a name that is not ours, is turned away', async () => {
  const { pathname } = new URL(await native(freshNumber()))
  const foreign = await rawRequest(sandbox.url, {
    path: pathname,
    headers: { origin: 'https://evil.example.com' },
    body: 'then=pay',
  })
  expect(foreign).toMatchObject({ status: 403 })
  const rebound = await rawRequest(sandbox.url, {
    method: 'GET',
    path: pathname,
    headers: { host: 'evil.example.com' },
  })
  expect(rebound).toMatchObject({ status: 403 })
})

test('a payer that is no openid is nobody: the order is paid by the usual one', async () => {
  const tea = freshNumber()
  await press(await native(tea), 'pay', 'a\u0001b')
  expect(await shop.queryOrder(tea)).toMatchObject({
    trade_state: 'SUCCESS',
    sub_openid: expect.stringMatching(/^[\w-]+$/),
  })
})

test("the id in a code's address, which is a right in itself, stands in no log", async () => {
  const url = await native(freshNumber())
  await look(url)
  expect(sandbox.log()).toContain('GET /q/:prepayId')
  expect(sandbox.log()).not.toContain(url.slice(url.lastIndexOf('/') + 1))
})
