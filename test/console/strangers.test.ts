/** Calls that nobody knows whose they are: where a person looks for them, and what is said of them. */
import { expect, test } from 'vitest'
import { demoEnvironment } from '../../src/app/demo-environment.ts'
import { requests, whyCallWords } from '../../src/console/texts/requests.ts'
import { callAdmin } from '../support/admin-client.ts'
import { barriersOf, reader } from '../support/browser.ts'
import { consoleOfFile } from '../support/console.ts'
import { subMchId } from '../support/sandbox.ts'
import { callV2 } from '../support/v2-client.ts'

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

test('a call that could not be read is no call with a wrong key, and says why', async () => {
  const { sandbox, page, seen, visit } = console()
  await fetch(`${sandbox.url}/pay/unifiedorder`, { method: 'POST' })
  await callV2(
    sandbox.url,
    { ...demoEnvironment.provider, apiKey: 'k'.repeat(32), sub: { subMchId } },
    'queryOrder',
    { out_trade_no: 'TEA-11' },
  )
  await visit('requests?show=nobody')
  const rows = page.locator('.calls li')
  const unread = rows.filter({ hasText: 'postDataEmpty' })
  await unread.getByText(requests.notUnderstood.en).waitFor()
  await unread.locator('summary').first().click()
  await seen(requests.notUnderstoodWhy)
  await seen('the request has no body')
  const missigned = rows.filter({ hasText: 'signError' })
  await missigned.locator('.nobodys').getByText(requests.nobody.en).waitFor()
  await missigned.locator('summary').first().click()
  await seen('with the text marked canonical, character by character')
  await seen(requests.canonical)
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
