import { expect, test } from 'vitest'
import { readConfig } from '../app/config.ts'
import type { Language } from '../protocol/text.ts'
import { banner } from './banner.ts'
import { columns } from './columns.ts'

const facts = {
  url: 'http://127.0.0.1:8688',
  version: '0.1.0',
  clock: '2026-12-24 20:05:31 (frozen)',
  command: 'cloudpay',
  fromClone: true,
}

const [demoSetting] = readConfig({}, {}).environments
if (demoSetting === undefined) throw new Error('no demo environment')
const environment = (envId: string) => ({
  ...demoSetting,
  envId,
  secretId: `AKID${envId}`,
  secretKey: 'never-to-be-shown',
})

const demoBanner = (language: Language) =>
  banner({ demo: true, environments: [environment('sandbox')] }, facts, language)
const demo = demoBanner('en')

test('a newcomer is told the address, the credentials, the variables and what to try next', () => {
  for (const words of [
    'http://127.0.0.1:8688\nOpen it in a browser: it is the console\n',
    'SecretId: AKIDsandbox   SecretKey: sandbox-secret-key',
    `export TCB_CONTEXT_CNFG='{"URL":"http://127.0.0.1:8688/admin"}'`,
    'export TENCENTCLOUD_SECRETID=AKIDsandbox',
    'cloudpay run -- node your-function.js',
    'npm run demo',
    '2026-12-24 20:05:31',
    'cloudpay clock advance 5m',
  ]) {
    expect(demo).toContain(words)
  }
})

const own = banner(
  { demo: false, environments: Array.from({ length: 40 }, (_, n) => environment(`shop${n}`)) },
  facts,
  'en',
)

test('it is said in one language', () => {
  expect(demo).not.toMatch(/\p{Script=Han}/u)
  expect(demoBanner('zh')).toContain('按 Ctrl+C 停止')
})

test('outside a clone the demo is a command', () => {
  const installed = { ...facts, command: 'npx opencloudpay', fromClone: false }
  expect(banner({ demo: true, environments: [] }, installed, 'en')).toContain('\n  npx opencloudpay demo\n')
})

test('an installation with environments of its own sees their ids, and no key', () => {
  expect(own).toContain('shop0   SecretId: AKIDshop0')
  expect(own).toContain(
    "export CLOUDPAY_SECRET_ID=AKIDshop0\n  export CLOUDPAY_SECRET_KEY='<secretKey of shop0>'\n",
  )
  expect(own).toContain('30')
  expect(own).not.toContain('never-to-be-shown')
  expect(own).not.toContain(demoSetting.secretKey)
})

test('on another port the command to copy names the address', () => {
  const elsewhere = { ...facts, url: 'http://127.0.0.1:9000' }
  expect(banner({ demo: true, environments: [] }, elsewhere, 'zh')).toContain(
    'cloudpay run --url http://127.0.0.1:9000 -- node your-function.js',
  )
})

test.each([
  ['demo', demo],
  ['demo in Chinese', demoBanner('zh')],
  ['own', own],
])('the banner fits a small terminal (%s)', (_kind, text) => {
  const lines = text.split('\n')
  expect(lines.length).toBeLessThanOrEqual(25)
  expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(80)
})
