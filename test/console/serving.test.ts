/** What the console's door serves: to whom, with which headers, how much of it. */
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { environmentNamed, openSandbox, type Sandbox } from '../support/sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  await ensureBuilt()
  sandbox = await openSandbox({ environments: [environmentNamed('documented', 'documented')] })
})
afterAll(() => sandbox.close())

const asBrowser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const front = () => fetch(`${sandbox.url}/`, { headers: asBrowser })

const assetsIn = (html: string) => [...html.matchAll(/"(\/console\/[^"]+)"/g)].map(([, path = '']) => path)

test('a browser gets the page, everybody else gets words', async () => {
  const page = await front()
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(await page.text()).toContain('<div id="app">')
  const words = await fetch(`${sandbox.url}/`)
  expect(words.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(await words.text()).toContain('POST /admin')
  for (const { headers } of [page, words]) expect(headers.get('vary')).toContain('Accept')
})

test('who types a page’s name as a path comes to it; programs hear that nothing is there', async () => {
  const asked = (path: string, headers: Record<string, string>) =>
    fetch(sandbox.url + path, { headers, redirect: 'manual' })
  for (const path of ['/orders', '/orders/1900000109/TEA-0001', '/callbacks', '/overview?hours=1']) {
    const sent = await asked(path, asBrowser)
    expect([sent.status, sent.headers.get('location')], path).toEqual([302, `/#${path}`])
    const heard = await asked(path, { accept: 'application/json' })
    expect(heard.status, path).toBe(404)
    expect(await heard.json()).toMatchObject({ error: { code: 'NOT_FOUND' } })
  }
  expect((await asked('/nothing', asBrowser)).status).toBe(404)
})

test('the page may use its own files, and nothing else may use the page', async () => {
  const { headers } = await front()
  const policy = headers.get('content-security-policy')?.split('; ')
  expect(policy).toEqual(
    expect.arrayContaining([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self'",
    ]),
  )
  expect(policy?.join(' ')).not.toMatch(/unsafe|https?:|\*/)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('cache-control')).toBe('no-cache')
})

test('its files are kept for good, and travel compressed', async () => {
  const assets = assetsIn(await (await front()).text())
  expect(assets.length).toBeGreaterThanOrEqual(3)
  for (const path of assets) {
    const { status, headers } = await fetch(sandbox.url + path, {
      headers: { 'accept-encoding': 'gzip, br' },
    })
    expect(status, path).toBe(200)
    expect(headers.get('cache-control')).toContain('immutable')
    expect(headers.get('content-encoding')).toBe('br')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  }
})

test('who has the page already hears so', async () => {
  const etag = (await front()).headers.get('etag') ?? ''
  const again = await fetch(`${sandbox.url}/`, { headers: { ...asBrowser, 'if-none-match': etag } })
  expect(again.status).toBe(304)
})

test('nothing but the console’s files is served below /console/', async () => {
  for (const path of [
    '/console/',
    '/console/nothing.js',
    '/console/../package.json',
    '/console/%2e%2e/package.json',
  ])
    expect((await fetch(sandbox.url + path)).status, path).toBe(404)
})

const statusWithHost = (path: string, host: string) =>
  new Promise((resolve) => {
    const asked = request(sandbox.url + path, { headers: { ...asBrowser, host } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    asked.end()
  })

test('under a stranger’s name it is not served: a page of theirs must not become ours', async () => {
  const [script = ''] = assetsIn(await (await front()).text()).filter((path) => path.endsWith('.js'))
  for (const path of ['/', script]) {
    expect(await statusWithHost(path, 'evil.example'), path).toBe(403)
    expect(await statusWithHost(path, new URL(sandbox.url).host), path).toBe(200)
  }
})

test('the first page takes at most 100 kB of script, and holds no secret', async () => {
  const scripts = assetsIn(await (await front()).text()).filter((path) => path.endsWith('.js'))
  const folder = fileURLToPath(new URL('../../dist', import.meta.url))
  const bytes = scripts.map((path) => readFileSync(`${folder}${path}.gz`).length)
  console.log(`first page: ${bytes.reduce((sum, one) => sum + one, 0)} bytes of script, gzip`)
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(100_000)
  for (const path of scripts) {
    const script = await (await fetch(sandbox.url + path)).text()
    for (const secret of ['sandbox-secret-key', '192006250b4c09247ec02edce69f6a2d', 'secret-key-of-'])
      expect(script).not.toContain(secret)
  }
})
