/** Calls that nobody knows whose they are: where a person looks for them, and what is said of them. */
import { expect, test } from 'vitest'
import { requests, whyCallWords } from '../../src/console/texts/requests.ts'
import { callAdmin } from '../support/admin-client.ts'
import { barriersOf, reader } from '../support/browser.ts'
import { consoleOfFile } from '../support/console.ts'
import { subMchId } from '../support/sandbox.ts'

const { whole } = reader('en')

const console = consoleOfFile()

const asked = { sub_mch_id: subMchId, out_trade_no: 'TEA-9' }

test('a call with a SecretId that nobody has stands among all calls, with what was sent and what there is', async () => {
  const { sandbox, page, seen, visit } = console()
  await callAdmin(sandbox.url, { secretId: 'AKIDof-somebody', secretKey: 'any' }, 'closeOrder', asked)
  await visit('requests')
  const row = page.locator('.calls li').filter({ hasText: requests.nobody.en })
  for (const shown of [requests.everyCall, requests.failedOnly, requests.nobodys]) {
    await page.getByRole('radio', { name: whole(shown) }).check()
    await row.locator('.method').getByText('closeOrder').waitFor()
  }
  await row.locator('summary').first().click()
  await seen(whyCallWords['unknown-secret-id']?.en ?? '')
  await seen('SecretId is AKIDof-somebody')
  await seen('AKIDsandbox (environment sandbox)')
  expect(await page.getByText(requests.notKept.en).count(), 'what is shown was kept').toBe(0)
  expect(await barriersOf(page)).toEqual([])
})

test('a key that was sent in the place of the SecretId is not shown', async () => {
  const { sandbox, page, seen, visit } = console()
  const swapped = { secretId: 'a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6', secretKey: 'AKIDsandbox' }
  await callAdmin(sandbox.url, swapped, 'queryOrder', asked)
  await visit('requests')
  const row = page.locator('.calls li').filter({ hasText: 'queryOrder' })
  await row.locator('summary').first().click()
  await seen('does not begin with AKID')
  expect(await page.locator('main').innerText()).not.toContain(swapped.secretId)
})

test('of calls it is said that their time is the real one, whatever the sandbox’s clock shows', async () => {
  const { shop, page, seen, visit } = console()
  await shop.advance('3d')
  await shop.queryOrder('TEA-10')
  await visit('requests')
  await seen(requests.realTime)
  const title = await page.locator('.calls time').first().getAttribute('title')
  expect(title).toContain('real time')
})
