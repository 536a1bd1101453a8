/** The console of one sandbox in a browser, in English: what stories about it press, read and visit. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { demoEnvironment } from '../../src/app/demo-environment.ts'
import type { EnvironmentSettingInput } from '../../src/ledger/environments.ts'
import type { Text } from '../../src/protocol/text.ts'
import { openChromium, reader } from './browser.ts'
import { openSandbox, type Sandbox, type Shop, subMchId } from './sandbox.ts'

const { whole, within } = reader('en')

interface OpenConsole {
  readonly sandbox: Sandbox
  readonly shop: Shop
  readonly page: Page
  /** Of the browser. */
  readonly complaints: readonly string[]
  button(name: Text): ReturnType<Page['getByRole']>
  /** Until it is there to be read. */
  seen(text: Text | string): Promise<void>
  /** @param hash as it stands behind `#/` */
  visit(hash: string): Promise<unknown>
  visitOrder(number: string): Promise<unknown>
  close(): Promise<void>
}

/** @param environments the first is that of its shop */
async function openConsole(environments: readonly EnvironmentSettingInput[]): Promise<OpenConsole> {
  const chromium = await openChromium()
  const sandbox = await openSandbox({ environments: [...environments] })
  const { page, complaints } = await chromium.open(sandbox.url, {
    language: 'en',
    size: 'desktop',
    scheme: 'light',
  })
  const visit = (hash: string) => page.goto(`${sandbox.url}/#/${hash}`)
  return {
    sandbox,
    shop: sandbox.shop(environments[0]?.envId ?? ''),
    page,
    complaints,
    button: (name) => page.getByRole('button', { name: whole(name) }),
    seen: (text) =>
      page
        .getByText(typeof text === 'string' ? text : within(text))
        .locator('visible=true')
        .first()
        .waitFor(),
    visit,
    visitOrder: (number) => visit(`orders/${subMchId}/${number}`),
    async close() {
      await chromium.close()
      await sandbox.close()
    },
  }
}

/** The demo, in English. */
export const englishDemo: EnvironmentSettingInput = { ...demoEnvironment, language: 'en' }

/** Opened before a file's tests, and closed after them; the browser must have had nothing to complain of. */
export function consoleOfFile(...environments: readonly EnvironmentSettingInput[]): () => OpenConsole {
  let opened: OpenConsole
  beforeAll(async () => {
    await ensureBuilt()
    opened = await openConsole(environments.length === 0 ? [englishDemo] : environments)
  })
  afterAll(async () => {
    expect(opened.complaints, 'of the browser').toEqual([])
    await opened.close()
  })
  return () => opened
}
