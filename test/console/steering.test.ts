/** What a person steers in a sandbox: an order that is paid again, the clock to what is next, faults of one order, payers. */
import { expect, test } from 'vitest'
import { order, replacing } from '../../src/console/texts/order.ts'
import { demoOrder } from '../../src/console/texts/orders.ts'
import { pay, payers } from '../../src/console/texts/pay.ts'
import { bar, nextDue } from '../../src/console/texts/sandbox-bar.ts'
import { orderStateWords, partlyRefunded, refundUnderWay } from '../../src/console/texts/states.ts'
import type { Text } from '../../src/protocol/text.ts'
import { barriersOf, reader } from '../support/browser.ts'
import { consoleOfFile } from '../support/console.ts'
import { operatorOf } from '../support/operator.ts'
import { ordered, paid } from '../support/orders.ts'
import { freshNumber } from '../support/sandbox.ts'

const { within } = reader('en')

const console = consoleOfFile()

/** What falls due on the way is done before the clock shows its new time. */
const patient = { timeout: 15_000 }

test('an unpaid order is paid again with a new number: the old one says by which, and the new one is paid', async () => {
  const { shop, page, button, seen, visitOrder } = console()
  const tea = freshNumber('AGAIN')
  await ordered(shop, tea)
  await visitOrder(tea)
  await button(replacing.title).click()
  const field = page.getByLabel(replacing.number.en)
  expect(await field.inputValue(), 'a number that belongs to it').not.toBe(tea)
  await seen(`"replaces":"${tea}"`)
  expect(await barriersOf(page)).toEqual([])
  await field.fill(`${tea}-B`)
  await button(replacing.make).click()
  await page.getByRole('heading', { name: `${tea}-B` }).waitFor()

  await visitOrder(tea)
  await seen(pay.replaced)
  expect(await button(pay.payNow).count(), 'nobody can pay it').toBe(0)
  await page
    .locator('.phone')
    .getByRole('link', { name: `${tea}-B` })
    .click()
  await button(pay.payNow).click()
  await button(pay.pay).click()
  await seen('requestPayment:ok')
  expect(await shop.queryOrder(`${tea}-B`)).toMatchObject({ trade_state: 'SUCCESS' })
})

test('what the clock comes to next is said before, and what happened there after', async () => {
  const { shop, page, button, seen, visitOrder } = console()
  const tea = freshNumber('NEXT')
  await shop.advance('8d')
  await ordered(shop, tea)
  await visitOrder(tea)
  await page
    .locator('.top-bar .clock-next')
    .filter({ hasText: tea })
    .filter({ hasText: within(nextDue.close) })
    .waitFor()
  await button(order.toClosable).click()
  await page.locator('button.main').getByText(within(order.close)).waitFor()
  await shop.setClock({ freeze: true })
  const toNext = button(bar.toNext)
  const next = await page.locator('.top-bar .clock-next').innerText()
  const at = /\d\d:\d\d:\d\d/.exec(next)?.[0]
  expect(await toNext.getAttribute('title'), 'what it is, and the call').toMatch(
    new RegExp(`${at}.*${tea}.*POST /sandbox/clock {"set":"[-0-9]+T${at}\\+08:00"}`),
  )
  await toNext.click()
  const told = page.locator('.top-bar .outcome').getByText(`${tea}: ${orderStateWords.CLOSED.en}`)
  await told.waitFor(patient)
  expect(await told.innerText(), 'the time that was said before').toContain(at)
  await expect
    .poll(() => page.locator('.top-bar time').innerText(), { message: 'and the clock shows it' })
    .toContain(at)
  await seen(orderStateWords.CLOSED)
  await seen(pay.closed)
  await shop.setClock({ run: true })
})

test('a refund that was accepted is under way until its outcome, which is said before and gone to', async () => {
  const { shop, page, button, seen, visit, visitOrder } = console()
  const tea = freshNumber('BACK')
  await visit('orders')
  await paid(shop, tea)
  await shop.setClock({ freeze: true })
  await operatorOf(console().sandbox, 'sandbox').refund({
    outTradeNo: tea,
    outRefundNo: `${tea}-R`,
    refundFee: 100,
  })
  await visitOrder(tea)
  const heading = page.locator('.headline')
  await heading.getByText(refundUnderWay.en).waitFor()
  await page.locator('.next').getByText(`the outcome of refund ${tea}-R (¥1.00)`).waitFor()
  const fact = (name: Text) =>
    page
      .locator('.facts div')
      .filter({ hasText: within(name) })
      .getByText('¥1.00')
  await fact(order.underWay).waitFor()
  await button(order.toRefund).click()
  await heading.getByText(partlyRefunded.en).waitFor(patient)
  await fact(order.refunded).waitFor()
  expect(await page.locator('.next').getByText(`${tea}-R (`).count(), 'nothing of it is to come').toBe(0)
  await shop.setClock({ run: true })
  await seen(order.resend)
})

test('an order whose callback waits is taken to its next attempt', async () => {
  const { shop, page, button, visitOrder } = console()
  const tea = freshNumber('TELL')
  await ordered(shop, tea)
  await shop.pay({ out_trade_no: tea })
  await visitOrder(tea)
  const attempts = async () =>
    await operatorOf(console().sandbox, 'sandbox')
      .orders.get(tea)
      .then((got) => (got.outcome === 'found' ? got.order.attempts.length : 0))
  await expect.poll(attempts, patient).toBe(1)
  await button(order.toCallback).click()
  await expect.poll(attempts, patient).toBeGreaterThanOrEqual(2)
  await page.getByText('Callback, attempt 2').first().waitFor()
})

test('a fault is set up for one order, a few times; an order from here meets the faults that are on', async () => {
  const { shop, page, button, seen, visit } = console()
  const [tea, coffee] = [freshNumber('FAULT'), freshNumber('FAULT')]
  await visit('orders')
  await button(bar.noFaults).click()
  const row = page.locator('.fault').filter({ hasText: 'systemerror-before' })
  await row.getByRole('button', { name: within(bar.setUp) }).click()
  const form = page.getByRole('form', { name: 'systemerror-before' })
  await form.getByLabel(bar.times.en).fill('none')
  await seen(bar.badTimes)
  await form.getByLabel(bar.times.en).fill('2')
  await form.getByLabel(bar.onlyOrder.en).fill(tea)
  await seen(`{"on":"systemerror-before","times":2,"out_trade_no":"${tea}"}`)
  expect(await barriersOf(page)).toEqual([])
  await form.getByRole('button', { name: bar.switchOn.en }).click()
  await page.locator('.faults-on').getByText(`${tea} · 2 times left`).waitFor()
  await page.keyboard.press('Escape')

  expect(await shop.queryOrder(coffee), 'another order is spared').toMatchObject({
    err_code: 'ORDERNOTEXIST',
  })
  expect(await shop.queryOrder(tea)).toMatchObject({ err_code: 'SYSTEMERROR' })
  await button(demoOrder.title).click()
  await seen(demoOrder.faultsOn)
  await seen('POST /api/orders/create {"out_trade_no":"DEMO-')
  await page.getByLabel(demoOrder.number.en).fill(tea)
  await button(demoOrder.make).click()
  await seen(demoOrder.unanswered)
  await button(demoOrder.make).click()
  await page.getByRole('heading', { name: tea }).waitFor()
  await button(bar.noFaults).waitFor()
})

test('wrong amounts are told at once, with the limit in yuan', async () => {
  const { shop, page, button, seen, visitOrder } = console()
  const tea = freshNumber('MONEY')
  await ordered(shop, tea)
  await shop.pay({ out_trade_no: tea })
  await visitOrder(tea)
  const field = page.getByLabel(order.refundAmount.en)
  for (const [amount, told] of [
    ['10', 'No more than ¥9.90'],
    ['0', 'At least ¥0.01'],
    ['1.234', 'Two decimals'],
  ] as const) {
    await field.fill(amount)
    await seen(told)
    expect(await button(order.refund).isDisabled(), amount).toBe(true)
  }
})

test('a payer who cancels leaves a trace: on the phone, after a reload too, and among the calls', async () => {
  const { shop, page, button, seen, visitOrder } = console()
  const tea = freshNumber('CANCEL')
  await ordered(shop, tea)
  await visitOrder(tea)
  await button(pay.payNow).click()
  await button(pay.cancel).click()
  await seen(pay.cancelled)
  await page.locator('.calls .badge').getByText('cancelled').waitFor(patient)
  await page.reload()
  await page.locator('.last-time').getByText('the payer cancelled').waitFor()
})

test('a payer is added on the phone, and pays', async () => {
  const { sandbox, shop, page, button, seen, visitOrder } = console()
  const tea = freshNumber('PAYER')
  await ordered(shop, tea, { trade_type: 'NATIVE', product_id: 'tea' })
  await visitOrder(tea)
  await button(payers.title).click()
  expect(await page.evaluate<string>('document.activeElement.labels[0].innerText')).toContain(payers.name.en)
  await page.getByLabel(payers.name.en).fill('Wang')
  await page.getByLabel(payers.openid.en).fill('o-wang')
  await button(payers.add).click()
  await page.getByRole('option', { name: 'Wang', selected: true }).waitFor({ state: 'attached' })
  await button(pay.payNow).click()
  await button(pay.pay).click()
  await seen('requestPayment:ok')
  expect(await sandbox.shop('sandbox').queryOrder(tea)).toMatchObject({ trade_state: 'SUCCESS' })
  await seen('o-wang')
})
