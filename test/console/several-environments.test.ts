/** The console where there are several environments: which one a link means, and what is another's. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { shell } from '../../src/console/texts/shell.ts'
import { consoleOfFile, englishDemo } from '../support/console.ts'
import { operatorOf } from '../support/operator.ts'
import { environmentNamed, freshNumber, subMchId } from '../support/sandbox.ts'

const console = consoleOfFile(englishDemo, environmentNamed('tea-house', 'documented', { language: 'en' }))

const patient = { timeout: 5_000 }

test('a link says which environment it means, and follows as another is chosen', async () => {
  const { page, sandbox, visit, seen } = console()
  const tea = freshNumber()
  await sandbox.shop('tea-house').unifiedOrder(tea)
  await visit(`orders/${subMchId}/${tea}?env=tea-house`)
  await page.getByRole('heading', { name: tea }).waitFor()
  const chosen = page.getByLabel(shell.environment.en)
  expect(await chosen.inputValue()).toBe('tea-house')
  await page.getByRole('link', { name: shell.orders.en }).first().click()
  await seen(tea)
  expect(page.url(), 'the way on').toMatch(/#\/orders\?env=tea-house$/)
  await chosen.selectOption('sandbox')
  await expect.poll(() => page.url(), patient).toMatch(/#\/orders\?env=sandbox$/)
  await expect.poll(() => page.getByText(tea).count(), { ...patient, message: 'what is the other’s' }).toBe(0)
  await page.reload()
  await expect.poll(() => chosen.inputValue(), patient).toBe('sandbox')
  await visit('overview')
  await expect.poll(() => page.url(), { ...patient, message: 'typed without it' }).toMatch(/overview\?env=/)
})

test('what comes late of one environment is not shown as another’s', async () => {
  const { page, sandbox, visit } = console()
  const demo = operatorOf(sandbox, 'sandbox')
  await demo.sandbox.setClock({ advance: '20d' })
  const { menu } = await demo.sandbox.faults()
  await demo.sandbox.switchOn({ on: menu[0]?.fault ?? '' })
  let late = 0
  await page.route(/\/sandbox\/(clock|faults)\?env_id=sandbox/, async (route) => {
    await pause(1_500)
    await route.continue()
    late++
  })
  await visit('orders?env=tea-house')
  await page.getByLabel(shell.environment.en).selectOption('sandbox')
  await page.getByLabel(shell.environment.en).selectOption('tea-house')
  await expect.poll(() => late, { timeout: 10_000 }).toBeGreaterThanOrEqual(2)
  await pause(500)
  const header = await page.locator('header').first().innerText()
  const { now } = await operatorOf(sandbox, 'tea-house').sandbox.clock()
  const beijingDay = new Date(now.getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
  expect(header).toContain(beijingDay)
  expect(header, 'the faults that are on').not.toMatch(/Faults[^\d]*1/)
  await page.unroute(/\/sandbox\/(clock|faults)\?env_id=sandbox/)
})
