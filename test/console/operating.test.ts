/** What people do in the console beside the newcomer's story: looking for orders, paying or not, clock and faults, signing in. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { demoEnvironment } from '../../src/app/demo-environment.ts'
import { order } from '../../src/console/texts/order.ts'
import { orders } from '../../src/console/texts/orders.ts'
import { pay } from '../../src/console/texts/pay.ts'
import { requests } from '../../src/console/texts/requests.ts'
import { bar } from '../../src/console/texts/sandbox-bar.ts'
import { shell } from '../../src/console/texts/shell.ts'
import { orderStateWords, paidTooLate } from '../../src/console/texts/states.ts'
import type { Text } from '../../src/protocol/text.ts'
import { callAdmin } from '../support/admin-client.ts'
import { barriersOf, type Chromium, type OpenPage, openChromium, reader } from '../support/browser.ts'
import { ordered } from '../support/orders.ts'
import {
  environmentNamed,
  freshNumber,
  openSandbox,
  type Sandbox,
  type Shop,
  subMchId,
} from '../support/sandbox.ts'

const { whole, within } = reader('en')

let chromium: Chromium
let sandbox: Sandbox
let shop: Shop
let opened: OpenPage
let page: Page
beforeAll(async () => {
  await ensureBuilt()
  chromium = await openChromium()
  sandbox = await openSandbox({
    environments: [
      { ...demoEnvironment, language: 'en', latePayments: 'ask' },
      environmentNamed('other', 'observed', {
        provider: { ...demoEnvironment.provider, mchId: '1230000110' },
        merchants: [],
      }),
    ],
  })
  shop = sandbox.shop('sandbox')
  opened = await chromium.open(sandbox.url, { language: 'en', size: 'desktop', scheme: 'light' })
  page = opened.page
})
afterAll(async () => {
  expect(opened.complaints, 'of the browser').toEqual([])
  await chromium.close()
  await sandbox.close()
})

/** What falls due on the way is done before the clock shows its new time. */
const patient = { timeout: 15_000 }

const button = (name: Text) => page.getByRole('button', { name: whole(name) })
const seen = (text: Text | string) =>
  page
    .getByText(typeof text === 'string' ? text : within(text))
    .locator('visible=true')
    .first()
    .waitFor()
const visit = (hash: string) => page.goto(`${sandbox.url}/#/${hash}`)
const visitOrder = (number: string) => visit(`orders/${subMchId}/${number}`)
const listed = (number: string) => page.getByRole('link', { name: number, exact: true })

test('an order appears by itself, and changes by itself', async () => {
  const tea = freshNumber('LIVE')
  await visit('orders')
  await ordered(shop, freshNumber('LIVE'))
  await ordered(shop, tea)
  await listed(tea).waitFor()
  const row = page.getByRole('row').filter({ has: listed(tea) })
  await row.getByText(orderStateWords.NOTPAY.en).waitFor()
  await shop.pay({ out_trade_no: tea })
  await row.getByText(orderStateWords.SUCCESS.en).waitFor()
  await row.getByText('¥9.90').click()
  await page.getByRole('heading', { name: tea }).waitFor()
})

test('an order is found by any number; the filter stays in the address', async () => {
  const [tea, other] = [freshNumber('FIND'), freshNumber('FIND')]
  const { prepay_id } = await ordered(shop, tea)
  await ordered(shop, other)
  await visit('orders')
  await listed(other).waitFor()
  // As one types, without Enter.
  await page.getByPlaceholder(orders.searchHint.en).pressSequentially(String(prepay_id))
  await listed(other).waitFor({ state: 'detached' })
  await listed(tea).waitFor()
  await page.reload()
  await listed(tea).waitFor()
  expect(await listed(other).count()).toBe(0)
  await page.getByPlaceholder(orders.searchHint.en).fill('nothing-of-the-kind')
  await page.keyboard.press('Enter')
  await seen(orders.noMatch)
  await button(orders.clear).click()
  await page.getByLabel(orders.state.en).selectOption('SUCCESS')
  await listed(tea).waitFor({ state: 'detached' })
  expect(page.url()).toContain('state=SUCCESS')
})

test('a payer waits, cancels, fails, and pays after all', async () => {
  const tea = freshNumber('PAY')
  await ordered(shop, tea)
  await visitOrder(tea)
  await button(pay.payNow).click()
  await button(pay.wait).click()
  await seen(pay.waiting)
  const calls = await page.locator('.phone-calls').innerText()
  for (const then of ['cancel', 'fail'])
    expect(calls).toContain(
      `POST /sandbox/pay {"out_trade_no":"${tea}","then":"${then}","sub_mch_id":"${subMchId}"}`,
    )
  await button(pay.cancel).click()
  await seen('requestPayment:fail cancel')
  await button(pay.again).click()
  await button(pay.fail).click()
  await seen(pay.failed)
  expect(await shop.queryOrder(tea), 'nothing was paid').toMatchObject({ trade_state: 'NOTPAY' })
  await button(pay.again).click()
  await button(pay.pay).click()
  await seen('requestPayment:ok')
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'SUCCESS' })
})

test('a payer who confirms after the shop closed is refused', async () => {
  const tea = freshNumber('CLOSED')
  await ordered(shop, tea)
  await shop.advance('5m')
  await visitOrder(tea)
  await button(pay.payNow).click()
  expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'SUCCESS' })
  await seen(orderStateWords.CLOSED)
  await button(pay.pay).click()
  await seen(pay.refused)
  await seen('the order is closed')
})

test('a paid order is refunded, in part', async () => {
  const tea = freshNumber('REFUND')
  await ordered(shop, tea)
  await shop.pay({ out_trade_no: tea })
  await visitOrder(tea)
  await page.getByLabel(order.refundAmount.en).fill('0.90')
  await button(order.refund).click()
  await seen(order.refundTaken)
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'REFUND' })
})

test('a payment that came too late is decided by a person', async () => {
  const tea = freshNumber('LATE')
  await ordered(shop, tea)
  await shop.advance('5m')
  await shop.closeOrder(tea)
  const late = { 'x-cloudpay-fault': 'paid-too-late' }
  expect(await sandbox.control('/sandbox/pay', { out_trade_no: tea }, late)).toMatchObject({ status: 200 })
  await visit('overview')
  await page.getByRole('link', { name: tea }).click()
  await seen(paidTooLate)
  await seen(pay.lateAsks)
  await button(order.lateRefund).click()
  await seen(order.decided)
  await expect.poll(() => shop.historyOf(tea), patient).toContain('decided')
})

test('time passes and faults are switched from every page', async () => {
  await visit('connect')
  const before = await shop.now()
  await button(bar.fiveMinutes).click()
  await expect
    .poll(async () => (await shop.now()).getTime() - before.getTime(), patient)
    .toBeGreaterThanOrEqual(300_000)
  await button(bar.noFaults).click()
  const fault = page.getByRole('switch', { name: /systemerror-before/ })
  await fault.focus()
  await page.keyboard.press('Space')
  await page.locator('input[aria-checked="true"]').waitFor()
  await page.keyboard.press('Escape')
  await seen(bar.faultsOn)
  expect(await shop.queryOrder('ANY')).toMatchObject({ err_code: 'SYSTEMERROR' })
  await button(bar.faultsOn).click()
  await button(bar.allOff).click()
  await page.keyboard.press('Escape')
  await seen(bar.noFaults)
})

test('why a signature failed is told, and no key with it', async () => {
  const wrong = { secretId: demoEnvironment.secretId, secretKey: 'not-the-key' }
  await callAdmin(sandbox.url, wrong, 'queryOrder', { sub_mch_id: subMchId, out_trade_no: 'TEA-9' })
  await visit('requests')
  await page.getByRole('radio', { name: whole(requests.nobodys) }).check()
  await page.locator('summary').first().click()
  await seen(requests.why)
  const text = await page.locator('main').innerText()
  for (const key of ['not-the-key', demoEnvironment.secretKey]) expect(text).not.toContain(key)
})

test('another environment has orders of its own', async () => {
  await visit('orders')
  await page.getByLabel(shell.environment.en).selectOption('other')
  await seen(orders.emptyTitle)
  await seen('AKIDother')
  expect(await page.locator('main').innerText(), 'keys of others are shown to nobody').not.toContain(
    'secret-key-of-other',
  )
  await page.getByLabel(shell.environment.en).selectOption('sandbox')
  await page.locator('table.orders').waitFor()
})

test('language and look are chosen, and kept', async () => {
  await visit('orders')
  await button(shell.settings).click()
  await page.getByRole('radio', { name: '中文' }).check()
  await page.getByRole('radio', { name: shell.dark.zh }).check()
  await page.keyboard.press('Escape')
  await page.reload()
  await page.getByRole('heading', { name: shell.orders.zh, level: 1 }).waitFor()
  expect(await page.evaluate('document.documentElement.lang + document.documentElement.dataset.theme')).toBe(
    'zh-CNdark',
  )
  await visit('requests')
  await page.getByRole('radio', { name: requests.everyCall.zh }).check()
  const outcome = page.locator('.badge[title="paid"]').first()
  await expect.poll(() => outcome.innerText(), { message: 'in the reader’s language' }).toBe('已支付')
})

test('a server with an administrator’s token asks for it, the tab alone keeps it, and a phone sees when the server is gone', async () => {
  const guarded = await openSandbox({
    environments: [environmentNamed('guarded', 'documented')],
    adminToken: 'token-of-the-administrator',
  })
  const visitor = await chromium.open(guarded.url, { language: 'en', size: 'phone', scheme: 'dark' })
  try {
    const field = visitor.page.getByLabel(shell.token.en)
    await visitor.page.goto(guarded.url)
    for (const guess of ['no token at all', 'token-of-somebody-else']) {
      await field.fill(guess)
      await visitor.page.keyboard.press('Enter')
      await visitor.page.getByText(shell.wrongToken.en).waitFor()
    }
    expect(await barriersOf(visitor.page)).toEqual([])
    await field.fill('token-of-the-administrator')
    await visitor.page.keyboard.press('Enter')
    await visitor.page.getByText(orders.emptyTitle.en).waitFor()
    const keeps = 'JSON.stringify([localStorage, document.cookie, location.href])'
    expect(await visitor.page.evaluate<string>(keeps)).not.toContain('token-of')
    await visitor.page.reload()
    await visitor.page.getByText(orders.emptyTitle.en).waitFor()
    expect(visitor.complaints).toEqual([])

    const more = visitor.page.locator('.clock-more')
    await more.getByText(`${bar.running.en} · 20`).waitFor()
    await guarded.close()
    await more.getByText(shell.notLive.en).waitFor()
    const shown = visitor.page.locator('.clock-face.stale time')
    const stood = await shown.innerText()
    // So often it was tried again: had it gone on meanwhile, it would show so.
    for (const _ of [1, 2, 3]) await visitor.page.waitForEvent('requestfailed')
    expect(await shown.innerText(), 'nobody knows what it shows by now').toBe(stood)
    expect(await barriersOf(visitor.page)).toEqual([])
  } finally {
    await visitor.close()
    await guarded.close()
  }
})
