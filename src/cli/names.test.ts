/** `cloudpay names` as a process: what it opens, writes, prints, and leaves. */
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as tlsConnect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { launch } from '../../test/support/command.ts'
import { hearingServer } from '../../test/support/led-program.ts'
import type { ListeningServer } from '../../test/support/listening-server.ts'
import { columns } from './columns.ts'
import { entryRefused } from './entry-refusals.ts'
import { namesPage } from './names-page.ts'

const folder = mkdtempSync(join(tmpdir(), 'cloudpay names-'))

let server: ListeningServer
beforeAll(async () => {
  await ensureBuilt()
  server = await hearingServer()
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const names = (...flags: string[]) => launch(['names', '--url', server.url, ...flags], { cwd: folder })

/** Once it has said all. */
async function opened(...flags: string[]) {
  const launched = names('--http', '0', '--https', '0', ...flags)
  const page = await launched.said('Ctrl+C to stop\n')
  const portOf = (scheme: string) => Number(new RegExp(`127\\.0\\.0\\.1:(\\d+) +${scheme} `).exec(page)?.[1])
  return { ...launched, page, http: portOf('http'), https: portOf('https') }
}

const request = (host: string) => `GET /pay/orderquery HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`

test('two ports lead a program of any language here, which has only to trust the file', async () => {
  const { child, done, http, https } = await opened('--ca', 'our ca.pem')
  const plain = connect(http, '127.0.0.1').end(request('api.weixin.qq.com'))
  expect(Buffer.concat(await plain.toArray()).toString()).toContain('GET api.weixin.qq.com/pay/orderquery 0')

  const ca = readFileSync(join(folder, 'our ca.pem'))
  expect(ca.toString()).not.toContain('PRIVATE KEY')
  for (const servername of ['api.mch.weixin.qq.com', 'api2.mch.weixin.qq.com']) {
    const secure = tlsConnect({ port: https, host: '127.0.0.1', servername, ca }).end(request(servername))
    expect(Buffer.concat(await secure.toArray()).toString()).toContain(`GET ${servername}/pay/orderquery 0`)
  }

  const distrusting = tlsConnect({ port: https, host: '127.0.0.1', servername: 'api.mch.weixin.qq.com' })
  const [error] = await once(distrusting, 'error')
  expect(error.code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')

  child.kill('SIGINT')
  expect((await done).code).toBe(0)
  for (const port of [http, https]) {
    const [refused] = await once(connect(port, '127.0.0.1'), 'error')
    expect(refused.code).toBe('ECONNREFUSED')
  }
})

test('the file of an earlier run is replaced, a file of anything else never', async () => {
  for (const _run of ['first', 'second']) {
    const { child, done } = await opened()
    child.kill('SIGTERM')
    expect((await done).code).toBe(0)
  }
  const precious = join(folder, 'precious.pem')
  writeFileSync(precious, 'precious')
  const { code, err } = await names('--http', '0', '--https', '0', '--ca', precious).done
  expect({ code, text: readFileSync(precious, 'utf8') }).toEqual({ code: 1, text: 'precious' })
  expect(err).toContain('(EEXIST); a file of anything else is never replaced')
})

test('a port that is taken is refused with the way out, and nothing is written', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  const port = String(typeof address === 'object' ? address?.port : address)
  const { code, err } = await names('--http', '0', '--https', port, '--ca', 'never.pem').done
  taken.close()
  expect(code).toBe(1)
  expect(err).toMatch(new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use.*--https`))
  expect(existsSync(join(folder, 'never.pem'))).toBe(false)
})

test('a port that needs rights is refused with every way to get them', () => {
  const refused = entryRefused(Object.assign(new Error('listen'), { code: 'EACCES' }), '--http', 80)
  expect(refused).toMatchObject({
    text: {
      zh: expect.stringMatching(/端口 80.*sudo.*ip_unprivileged_port_start=80.*--http/),
      en: expect.stringMatching(/port 80 .*sudo.*ip_unprivileged_port_start=80.*--http/),
    },
  })
})

test('the page has what each language needs, and fits a terminal but for paths', () => {
  const facts = { version: '0.1.0', origin: 'http://127.0.0.1:8688', http: 80, https: 443, file: '/ca.pem' }
  const page = namesPage(facts, 'en')
  for (const words of [
    '127.0.0.1 api.mch.weixin.qq.com api2.mch.weixin.qq.com',
    '--add-host api.mch.weixin.qq.com:127.0.0.1',
    'SSL_CERT_FILE=/ca.pem',
    'REQUESTS_CA_BUNDLE=/ca.pem',
    'CURL_CA_BUNDLE=/ca.pem',
    'curl.cainfo=/ca.pem',
    'keytool -importcert',
    'NODE_EXTRA_CA_CERTS=/ca.pem',
  ])
    expect(page).toContain(words)
  expect(page).not.toContain('forward')
  expect(Math.max(...page.split('\n').map(columns))).toBeLessThanOrEqual(80)
  expect(namesPage({ ...facts, https: 8443 }, 'en')).toContain('forward those to 80 and 8443')
})
