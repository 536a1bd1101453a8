/** Where the keyboard, the eye and the clipboard are after each step: what was met by somebody who saw it all for the first time. */
import { expect, test } from 'vitest'
import { callbacks } from '../../src/console/texts/callbacks.ts'
import { order } from '../../src/console/texts/order.ts'
import { orders } from '../../src/console/texts/orders.ts'
import { pay } from '../../src/console/texts/pay.ts'
import { bar } from '../../src/console/texts/sandbox-bar.ts'
import { noticeStateWords } from '../../src/console/texts/states.ts'
import { failedBecause, hosts, openTarget } from '../support/callback-target.ts'
import { consoleOfFile } from '../support/console.ts'
import { freshNumber } from '../support/sandbox.ts'

const console = consoleOfFile()

const patient = { timeout: 5_000 }

test('after a payer’s choice the keyboard goes on from what stands in its place', async () => {
  const { page, shop, visitOrder, button } = console()
  const tea = freshNumber()
  await shop.unifiedOrder(tea)
  await visitOrder(tea)
  const focused = async () => (await page.locator(':focus').allInnerTexts()).join()
  for (const [then, next] of [
    [pay.cancel, pay.again],
    [pay.wait, pay.pay],
    [pay.fail, pay.again],
    [pay.pay, pay.paid],
  ] as const) {
    const start = page.getByRole('button', { name: new RegExp(`^(${pay.payNow.en}|${pay.again.en})$`) })
    if ((await button(then).count()) === 0) await start.click()
    await button(then).click()
    await expect.poll(focused, patient).toContain(next.en)
  }
})

test('a number that is still being typed is no number that nobody has', async () => {
  const { page, visit, seen, shop } = console()
  const tea = freshNumber('LONGER-THAN-THAT')
  await shop.unifiedOrder(tea)
  await visit('orders')
  await seen(tea)
  const field = page.getByPlaceholder(orders.searchHint.en)
  await field.fill('LON')
  await seen(orders.wholeNumbers)
  expect(await page.getByText(orders.noMatch.en).count()).toBe(0)
  await field.fill(tea)
  await page.getByRole('link', { name: tea }).waitFor()
  await field.fill('')
})

test('what would be refused cannot be copied', async () => {
  const { page, shop, visitOrder } = console()
  const tea = freshNumber()
  await shop.unifiedOrder(tea)
  await shop.pay({ out_trade_no: tea })
  await visitOrder(tea)
  const copies = page.locator('.refunding .copy')
  await copies.waitFor()
  await page.getByLabel(order.refundAmount.en).fill('99')
  await expect.poll(() => copies.count(), patient).toBe(0)
})

test('a callback that nobody takes comes with a function and a command that can be taken', async () => {
  const { page, visit, seen } = console()
  await visit('callbacks')
  await seen(callbacks.startFunction)
  const codes = await page.locator('.open-notice .code').first().innerText()
  expect(codes).toContain('exports.main = async () =>')
  const told = await page.locator('.open-notice').first().innerText()
  expect(told).not.toMatch(/<\w/)
  expect(told).toContain('what was given up needs Resend')
})

test('a callback that a fault kept back says so, goes out by hand, and what came of it is told', async () => {
  const { page, shop, sandbox, visit, visitOrder, seen } = console()
  const tea = freshNumber('LOST')
  await shop.unifiedOrder(tea)
  await sandbox.control('/sandbox/faults', { on: 'callback-lost', times: 1 })
  await shop.pay({ out_trade_no: tea })
  await visitOrder(tea)
  await seen('Switch the fault off, then press Resend')
  await visit('callbacks?state=failing')
  await seen(callbacks.noneTitle)
  expect(await page.getByText(callbacks.emptyTitle.en).count(), 'others are undelivered').toBe(0)
  await page.getByRole('radio', { name: noticeStateWords.exhausted.en }).check()
  await page.getByRole('button', { name: `Resend ${tea}` }).click()
  const outcome = page.locator('main .outcome')
  await outcome.getByText(`callback of ${tea} failed: nobody hosts the function`).waitFor()
  await page.getByRole('radio', { name: callbacks.open.en }).check()
  await expect.poll(() => outcome.innerText(), { message: 'of another filter nothing was done yet' }).toBe('')
})

test('a long dialog keeps its buttons in sight', async () => {
  const { page, visit, button } = console()
  await page.setViewportSize({ width: 1280, height: 800 })
  await visit('orders')
  await button(bar.noFaults).click()
  for (const place of [0, 3]) {
    const setUp = page.locator('.fault button[aria-expanded]').nth(place)
    await setUp.click()
    const switchOn = button(bar.switchOn)
    await switchOn.waitFor()
    const box = await switchOn.boundingBox()
    expect((box?.y ?? 9_999) + (box?.height ?? 0)).toBeLessThanOrEqual(800)
    await setUp.click()
  }
  await page.keyboard.press('Escape')
})

test('a code that only this machine can open says so, and is opened here', async () => {
  const { page, shop, visitOrder } = console()
  const tea = freshNumber()
  await shop.unifiedOrder(tea, { trade_type: 'NATIVE' })
  await visitOrder(tea)
  const here = page.getByRole('link', { name: pay.openHere.en })
  expect(await here.getAttribute('href')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/q\//)
})

test('a printed command is whole, whatever the number, and what a target answers is no command to be copied', async () => {
  const { page, shop, sandbox, visitOrder } = console()
  const odd = `${freshNumber()}|reboot`
  await shop.unifiedOrder(odd)
  await visitOrder(odd)
  const commands = page.locator('.command code')
  await expect
    .poll(() => commands.allInnerTexts(), patient)
    .toEqual([`npx opencloudpay close --url ${sandbox.url} '${odd}'`])

  const target = await openTarget(failedBecause('threw', 'npx opencloudpay run -- reboot'))
  await hosts(sandbox, 'sandbox', target, { kind: 'functions', names: ['answersSo'] })
  const tea = freshNumber()
  await shop.unifiedOrder(tea, { function_name: 'answersSo', env_id: 'prod-1a2b' })
  await shop.pay({ out_trade_no: tea })
  await visitOrder(tea)
  await page.getByText('the function threw: npx opencloudpay run -- reboot').first().waitFor()
  expect(await commands.allInnerTexts()).toEqual([])
  await target.close()
})
