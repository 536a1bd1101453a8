/** The console of an environment that its operator wrote: other names, other merchants, nobody who pays unnamed, keys that nobody is shown. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { variablesForSdk } from '../../src/client/sdk-variables.ts'
import { connect } from '../../src/console/texts/connect.ts'
import { order } from '../../src/console/texts/order.ts'
import { demoOrder } from '../../src/console/texts/orders.ts'
import { shell } from '../../src/console/texts/shell.ts'
import { consoleOfFile } from '../support/console.ts'
import { operatorOf } from '../support/operator.ts'
import { environmentNamed } from '../support/sandbox.ts'

const settings = environmentNamed('tea-house', 'documented', {
  language: 'zh',
  strictMerchants: true,
  defaultOpenid: undefined,
  doorToken: 'token-of-the-tea-house',
  merchants: [{ subMchId: '1600000002' }, { subMchId: '1600000001', subAppid: 'wx1111111111111111' }],
})

const console = consoleOfFile(settings)

test('nothing is asked of an environment that is not there', async () => {
  const { page, visit, button, seen } = console()
  const asked: string[] = []
  page.on('response', (response) => asked.push(`${response.status()} ${response.url()}`))
  await visit('orders')
  await button(demoOrder.title).first().waitFor()
  await seen(shell.live)
  expect(asked.filter((one) => one.startsWith('4') || /env_id=sandbox\b/.test(one))).toEqual([])
})

test('how to connect names its own merchant, and the keys that commands need', async () => {
  const { page, visit, seen } = console()
  await visit('connect')
  await seen(connect.keysFirst)
  const text = await page.locator('main').innerText()
  expect(text).not.toContain('undefined')
  expect(text).toContain(`CLOUDPAY_SECRET_ID=${settings.secretId}`)
  expect(text).toContain(`CLOUDPAY_SECRET_KEY='${connect.yourKey.en}'`)
  expect(text).toContain("subMchId: '1600000001'")
  expect(text).toContain('"sub_mch_id": "1600000001"')
  expect(text).toContain('wx1111111111111111')
  expect(text).not.toContain(settings.secretKey)
})

/** What it prints, as a file of its own. */
async function ran(code: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', code], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env,
  })
  return stdout
}

test('the code that it shows runs as it stands', async () => {
  const { page, sandbox, visit, shop } = console()
  await visit('connect')
  const { secretId, secretKey, provider } = settings
  const forSdk = variablesForSdk(process.env, new URL(sandbox.url).origin, secretId, secretKey)
  const sdk = await page.locator('pre', { hasText: 'wx-server-sdk' }).innerText()
  expect(await ran(sdk, forSdk)).toMatch(/resultCode: 'SUCCESS'/)
  const v2 = await page.locator('pre', { hasText: 'v2-order.cjs' }).innerText()
  expect(v2, 'the key is nobody else’s business').not.toContain(provider.apiKey)
  expect(await ran(v2, { ...process.env, V2_API_KEY: provider.apiKey })).toMatch(
    /<result_code><!\[CDATA\[SUCCESS\]\]>[\s\S]*<code_url>/,
  )

  // A container’s call, with the token that nobody is shown.
  const call = await page.locator('pre', { hasText: '/_/pay/unifiedorder' }).innerText()
  expect(call).toContain('-H "authorization: Bearer $CONTAINER_TOKEN"')
  expect(await page.locator('main').innerText()).not.toContain(settings.doorToken)
  const ordered = await fetch(`${sandbox.url}/_/pay/unifiedorder`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${settings.doorToken}` },
    body: /-d '(.*)'$/s.exec(call)?.[1] ?? '',
  })
  expect(await ordered.json()).toMatchObject({ respdata: { result_code: 'SUCCESS' } })

  // An order’s own as well, by the number that it has.
  await shop.unifiedOrder('TEA-9', {
    ...{ sub_mch_id: '1600000001', env_id: 'tea-house', openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
    body: "It's tea",
  })
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await visit('orders/1600000001/TEA-9')
  await page.getByRole('button', { name: `SDK code: ${order.copyAs.en}` }).click()
  await page.getByText(shell.copied.en).waitFor()
  const copied = await page.evaluate<string>('navigator.clipboard.readText()')
  expect(copied).toContain('outTradeNo: "TEA-9"')
  expect(await ran(copied, forSdk)).toMatch(/resultCode: 'SUCCESS'/)

  // From a terminal it is the API's: containers may need a token here.
  await page.getByRole('button', { name: `cURL: ${order.copyAs.en}` }).click()
  const clipboard = () => page.evaluate<string>('navigator.clipboard.readText()')
  await expect.poll(clipboard).toContain(`curl ${new URL(sandbox.url).origin}/api/orders/create`)
  const body = /-d '(.*)'$/s.exec(await clipboard())?.[1]?.replaceAll("'\\''", "'")
  const answer = await fetch(`${sandbox.url}/api/orders/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: body ?? '',
  })
  expect(await answer.json()).toMatchObject({ outcome: 'created', out_trade_no: 'TEA-9' })
})

test('a demo order is of one of its merchants, and a refusal is in the language of who reads it', async () => {
  const { page, visit, button, seen } = console()
  await visit('orders')
  await button(demoOrder.title).first().click()
  const merchant = page.getByRole('combobox', { name: demoOrder.merchant.en })
  await merchant.waitFor()
  expect(await merchant.locator('option').allInnerTexts()).toEqual(['1600000001', '1600000002'])
  await merchant.selectOption('1600000002')
  await page.getByLabel(demoOrder.number.en).fill('TEA/1')
  await button(demoOrder.make).click()
  const refusal = page.locator('dialog .outcome.bad')
  await refusal.waitFor()
  expect(await refusal.innerText()).not.toMatch(/\p{Script=Han}/u)
  await page.getByLabel(demoOrder.number.en).fill('TEA-1')
  expect(await page.getByLabel(demoOrder.payer.en).inputValue(), 'the sandbox has somebody who pays').toMatch(
    /^o/,
  )
  await page.getByLabel(demoOrder.payer.en).fill('oSomebodyElse')
  await button(demoOrder.make).click()
  await page.waitForURL('**/#/orders/1600000002/TEA-1')
  await seen('1600000002')
  const { sandbox } = console()
  const made = await operatorOf(sandbox, 'tea-house').orders.get('TEA-1', { subMchId: '1600000002' })
  expect(made, 'of whom was named').toMatchObject({ order: { request: { openid: 'oSomebodyElse' } } })
})
