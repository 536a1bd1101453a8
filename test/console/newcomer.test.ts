/**
 * Somebody who opens the console after `npm start`, and reads nothing else: finds out how to point the SDK here, pays an
 * order, sees its callback fail, learns why, mends it, sends it again; and closes an order that nobody paid.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { demoEnvironment } from '../../src/app/demo-environment.ts'
import { callbacks } from '../../src/console/texts/callbacks.ts'
import { order, timeline } from '../../src/console/texts/order.ts'
import { demoOrder, orders } from '../../src/console/texts/orders.ts'
import { pay } from '../../src/console/texts/pay.ts'
import { shell } from '../../src/console/texts/shell.ts'
import { noticeStateWords, orderStateWords } from '../../src/console/texts/states.ts'
import type { Language, Text } from '../../src/protocol/text.ts'
import { type Chromium, openChromium, reader } from '../support/browser.ts'
import { eventOf, hosts, openTarget, returned } from '../support/callback-target.ts'
import { camelOrder, startOfficialSdk } from '../support/official-sdk.ts'
import { openSandbox } from '../support/sandbox.ts'

let chromium: Chromium
beforeAll(async () => {
  await ensureBuilt()
  chromium = await openChromium()
})
afterAll(() => chromium.close())

/** The variables that the page shows, read as a shell does. */
function variablesIn(text: string): Record<string, string> {
  const lines = [...text.matchAll(/^export (\w+)='?(.*?)'?$/gm)]
  return Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value]))
}

test.each<[Language, 'desktop' | 'phone']>([
  ['zh', 'desktop'],
  ['en', 'phone'],
])(
  'a newcomer finds the way alone (%s, %s)',
  async (language, size) => {
    const sandbox = await openSandbox({ environments: [{ ...demoEnvironment, language }] })
    // Its callback is tried again in 15 s by itself: on a slow machine before anybody has pressed the button.
    await sandbox.shop('sandbox').setClock({ freeze: true })
    const target = await openTarget(returned({ code: 0 }))
    const { page, complaints, strayed, close } = await chromium.open(sandbox.url, {
      language,
      size,
      scheme: 'light',
    })
    const { whole, within } = reader(language)
    const seen = (text: Text | string) =>
      page
        .getByText(typeof text === 'string' ? text : within(text))
        .locator('visible=true')
        .first()
        .waitFor()
    const button = (name: Text) => page.getByRole('button', { name: whole(name) })
    const visit = (name: Text) =>
      page
        .getByRole('link', { name: whole(name) })
        .locator('visible=true')
        .click()
    try {
      await page.goto(sandbox.url)
      await seen(orders.emptyTitle)
      const { TCB_CONTEXT_CNFG = '', ...keys } = variablesIn(await page.locator('.empty pre').innerText())
      const { URL: address } = JSON.parse(TCB_CONTEXT_CNFG) as { URL: string }
      expect(address, 'where the SDK is to call').toBe(`${sandbox.url}/admin`)

      // With what the page says, the official SDK works, and its order appears by itself.
      const sdk = startOfficialSdk({
        url: new URL(address).origin,
        secretId: keys.TENCENTCLOUD_SECRETID ?? '',
        secretKey: keys.TENCENTCLOUD_SECRETKEY ?? '',
      })
      expect(await sdk.value('unifiedOrder', camelOrder('TEA-0001'))).toMatchObject({ resultCode: 'SUCCESS' })
      await sdk.close()
      await page.getByRole('link', { name: 'TEA-0001' }).click()

      // The customer pays, on the phone beside the order.
      await button(pay.payNow).click()
      await button(pay.pay).click()
      await seen(pay.paid)
      await seen(orderStateWords.SUCCESS)

      const resend = page.getByRole('button', { name: `${callbacks.resend[language]} TEA-0001` })
      // Nobody hosts the function: the page says so, and what to do.
      await visit(shell.callbacks)
      await seen(noticeStateWords.undeliverable)
      await seen('cloudpay dev')

      // It is hosted now, and does not acknowledge.
      await hosts(sandbox, 'sandbox', target, { kind: 'functions', names: ['payCallback'] })
      await resend.click()
      await target.arrived(1)
      await seen(noticeStateWords.failing)
      await seen('errcode: 0')
      target.say(returned({ errcode: 0, errmsg: 'ok' }))
      await resend.click()
      await seen(callbacks.emptyTitle)
      expect(eventOf(await target.arrived(2))).toMatchObject({
        outTradeNo: 'TEA-0001',
        resultCode: 'SUCCESS',
      })
      await visit(shell.orders)
      await page.getByRole('link', { name: 'TEA-0001' }).click()
      await seen(timeline.acknowledged)

      // An order that nobody pays: too early to close, so time passes; then it is closed for good.
      await visit(shell.orders)
      await button(demoOrder.title).click()
      await page.getByLabel(demoOrder.number[language]).fill('TEA-0002')
      await button(demoOrder.make).click()
      await button(order.close).click()
      await seen(order.tooEarly)
      await button(order.toClosable).click()
      await page.locator('button.main').getByText(within(order.close)).click()
      await seen(order.closed)
      await seen(orderStateWords.CLOSED)
      await seen(pay.closed)
      expect(await sandbox.shop('sandbox').queryOrder('TEA-0002')).toMatchObject({ trade_state: 'CLOSED' })

      expect(complaints, 'of the browser').toEqual([])
      expect(strayed, 'no network but the server').toEqual([])
    } finally {
      await close()
      await target.close()
      await sandbox.close()
    }
  },
  120_000,
)
