/** Keys as files and shells take them: what stands in a key is never carried out, and comes out as it was. */
import { execFileSync } from 'node:child_process'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { here } from '../../test/support/command-here.ts'
import { type ListeningServer, listeningServer } from '../../test/support/listening-server.ts'
import { showEnvironment } from './env.ts'
import { openTerminal } from './terminal.ts'

const its = {
  env_id: 'tea',
  demo: true,
  secret_id: 'AKIDtea',
  appid: 'wx1',
  mch_id: '19',
  merchants: [],
  door_token: false,
}
let secretKey: string
let server: ListeningServer
beforeAll(async () => {
  server = await listeningServer((_request, response) => {
    const connect = { ...its, secret_key: secretKey }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(connect))
  })
})
afterAll(() => server.close())

const printed = (format: string) => here(['env', 'show', '--format', format, '--url', server.url])
const sourced = (text: string) =>
  execFileSync('sh', ['-c', `${text}\nprintf %s "$TENCENTCLOUD_SECRETKEY"`], { encoding: 'utf8' })

test.each([`it's a key`, `$(echo run) \`echo run\` "\\`, `plain`])(
  'a shell that reads the file runs nothing, and has the key: %s',
  async (key) => {
    secretKey = key
    for (const format of ['shell', 'dotenv']) expect(sourced((await printed(format)).out), format).toBe(key)
  },
)

test.each([`it's $(echo run)`, `it's \`echo run\``, `it's "quoted"`, `it's \\`])(
  'a key that dotenv and shells read differently is refused: %s',
  async (key) => {
    secretKey = key
    expect(await printed('dotenv')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('TENCENTCLOUD_SECRETKEY cannot be written to a dotenv file'),
    })
    expect(sourced((await printed('shell')).out)).toBe(key)
  },
)

test('PowerShell takes typographic quotes for quotes: each is doubled', async () => {
  secretKey = `a'b\u2018c\u2019d\u201ae\u201bf`
  expect((await printed('powershell')).out).toContain(
    `= 'a''b\u2018\u2018c\u2019\u2019d\u201a\u201ae\u201b\u201bf'`,
  )
})

test('a terminal is shown nothing that moves its cursor; a file has the key as it is', async () => {
  secretKey = 'key\u001b[2J\u009b1A'
  expect((await printed('shell')).out).toContain(secretKey)
  const shown = async (isTTY: boolean) => {
    const out = Object.assign(new PassThrough(), { isTTY })
    let text = ''
    out.on('data', (bytes: Buffer) => {
      text += bytes.toString()
    })
    const terminal = openTerminal({ in: new PassThrough(), out, err: new PassThrough() }, 'en')
    await showEnvironment(
      { url: server.url },
      {
        language: 'en',
        version: '0.1.0',
        variables: {},
        command: 'cloudpay',
        warn: terminal.warn,
        terminal: async () => terminal,
      },
    )
    return text
  }
  expect(await shown(false)).toContain(secretKey)
  expect((await shown(true)).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
})
