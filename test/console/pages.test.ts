/**
 * Every page, in both languages, on a phone and a desktop, light and dark: nothing stands in anybody's way, nothing has to be
 * scrolled sideways, and the browser complains of nothing. `CLOUDPAY_SCREENSHOTS=1` makes the pictures of the documentation.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { demoEnvironment } from '../../src/app/demo-environment.ts'
import { CloudPay } from '../../src/client/index.ts'
import { demoOrder } from '../../src/console/texts/orders.ts'
import { bar } from '../../src/console/texts/sandbox-bar.ts'
import {
  barriersOf,
  type Chromium,
  type Look,
  openChromium,
  overflows,
  reader,
  sizes,
} from '../support/browser.ts'
import { acknowledgesXml, type CallbackTarget, openTarget } from '../support/callback-target.ts'
import { openSandbox, type Sandbox, subMchId } from '../support/sandbox.ts'

let sandbox: Sandbox
let target: CallbackTarget
let chromium: Chromium
beforeAll(async () => {
  await ensureBuilt()
  chromium = await openChromium()
  target = await openTarget(acknowledgesXml)
  sandbox = await openSandbox({
    environments: [
      demoEnvironment,
      {
        ...demoEnvironment,
        envId: 'empty',
        secretId: 'AKIDempty',
        provider: { ...demoEnvironment.provider, mchId: '1230000110' },
        merchants: [],
      },
    ],
  })
  await aDay(sandbox, target.url)
})
afterAll(async () => {
  await chromium.close()
  await sandbox.close()
  await target.close()
})

/** A shop's day: something of everything. */
async function aDay({ url, control, shop }: Sandbox, told: string): Promise<void> {
  const cloudPay = new CloudPay({ baseUrl: url })
  await cloudPay.sandbox.setClock({ freeze: true })
  const order = (outTradeNo: string, body: string, totalFee: number, more: object = {}) =>
    cloudPay.createOrder({ outTradeNo, body, totalFee, ...more })
  await order('TEA-0001', '乌龙茶', 990, { notifyUrl: `${told}/paid` })
  await order('TEA-0002', '龙井', 2_980)
  await order('TEA-0003', '普洱', 4_560)
  await order('TEA-0004', '茉莉花茶', 1_580)
  for (const number of ['TEA-0001', 'TEA-0002']) await cloudPay.sandbox.pay(number)
  await cloudPay.refund({ outTradeNo: 'TEA-0001', outRefundNo: 'TEA-0001-R1', refundFee: 500 })
  await cloudPay.sandbox.setClock({ advance: '6m' })
  await cloudPay.closeOrder('TEA-0003')
  await order('TEA-0005', '茉莉花茶', 1_580, { replaces: 'TEA-0004' })
  await order('TEA-0006', '白茶礼盒', 19_900, { tradeType: 'NATIVE', productId: 'gift' })
  await order('TEA-0007', '红茶', 3_200)
  await shop('sandbox').closeOrder('TEA-0007')
  await control('/sandbox/payers', { name: '小王' })
  await cloudPay.sandbox.switchOn({ on: 'callback-duplicate', times: 3 })
}

/** @param text that is there once the page is */
const pages: readonly (readonly [name: string, hash: string, ready: string])[] = [
  ['orders', '#/orders', 'TEA-0007'],
  ['order', `#/orders/${subMchId}/TEA-0005`, 'TEA-0004'],
  ['order-paid', `#/orders/${subMchId}/TEA-0002`, 'payCallback'],
  ['order-native', `#/orders/${subMchId}/TEA-0006`, 'NATIVE'],
  ['callbacks', '#/callbacks', 'TEA-0002'],
  ['requests', '#/requests', 'closeOrder'],
  ['changes', '#/requests?show=changes', 'createOrder'],
  ['overview', '#/overview?hours=1', 'canvas'],
  ['connect', '#/connect', 'TCB_CONTEXT_CNFG'],
]

const looks: readonly Look[] = [
  { language: 'zh', size: 'desktop', scheme: 'light' },
  { language: 'en', size: 'desktop', scheme: 'dark' },
  { language: 'en', size: 'phone', scheme: 'light' },
  { language: 'zh', size: 'phone', scheme: 'dark' },
]

const images = fileURLToPath(new URL('../../docs/images', import.meta.url))

/** Those that docs/console.md shows. */
const shown = /^(orders|order-paid|callbacks|requests|overview|connect)-.*-desktop$|^order-native-.*-phone$/

/** Only when somebody asks: the pictures are kept with the documentation. */
async function picture(page: Page, name: string): Promise<void> {
  if (process.env.CLOUDPAY_SCREENSHOTS === undefined || !shown.test(name)) return
  mkdirSync(images, { recursive: true })
  const path = join(images, `${name}.png`)
  if (name.startsWith('order-native')) await page.locator('.phone').screenshot({ path })
  // Most of an order stands below.
  else await page.screenshot({ path, fullPage: name.startsWith('order-paid') })
}

async function isFine(page: Page, name: string): Promise<void> {
  expect.soft(await barriersOf(page), `barriers on ${name}`).toEqual([])
  expect.soft(await overflows(page), `${name} has to be scrolled sideways`).toBe(false)
}

/** The smallest of phones that are in use. */
const smallest = { width: 320, height: 640 }

async function fitsTheSmallest(page: Page, name: string): Promise<void> {
  await page.setViewportSize(smallest)
  // Charts take their width a moment later.
  await expect
    .poll(() => overflows(page), {
      timeout: 5_000,
      message: `${name} has to be scrolled sideways at ${smallest.width}`,
    })
    .toBe(false)
  await page.setViewportSize(sizes.phone)
}

const ready = (page: Page, text: string) =>
  (text === 'canvas' ? page.locator('canvas') : page.locator('main').getByText(text)).first().waitFor()

test.each(looks)('every page is fit for everybody ($language, $size, $scheme)', async (look) => {
  const { page, complaints, strayed, close } = await chromium.open(sandbox.url, look)
  try {
    for (const [name, hash, text] of pages) {
      await page.goto(`${sandbox.url}/${hash}`)
      await ready(page, text)
      await isFine(page, name)
      await picture(page, `${name}-${look.language}-${look.size}`)
      if (look.size === 'phone') await fitsTheSmallest(page, name)
    }
    expect(complaints, 'of the browser').toEqual([])
    expect(strayed, 'no network but the server').toEqual([])
  } finally {
    await close()
  }
})

/** Buttons of a dialog that reach beyond it. */
const cut = (page: Page) =>
  page.evaluate<string[]>(`(() => {
    const dialog = document.querySelector('dialog[open]')
    const { right } = dialog.getBoundingClientRect()
    return [...dialog.querySelectorAll('button')]
      .filter((button) => button.getBoundingClientRect().right > right)
      .map((button) => button.textContent)
  })()`)

test.each(looks.slice(1, 3))('every dialog is fit for everybody ($language, $size)', async (look) => {
  const { page, complaints, close } = await chromium.open(sandbox.url, look)
  const { whole } = reader(look.language)
  try {
    await page.goto(sandbox.url)
    for (const [name, text] of [
      ['demo-order', demoOrder.title],
      ['faults', bar.faultsOn],
      ...(look.size === 'phone' ? ([['clock', bar.clock]] as const) : []),
    ] as const) {
      await page.getByRole('button', { name: whole(text) }).click()
      await page.getByRole('dialog').waitFor()
      await isFine(page, name)
      expect.soft(await cut(page), `cut off in ${name}`).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    expect(complaints).toEqual([])
  } finally {
    await close()
  }
})
