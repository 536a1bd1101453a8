/** What `cloudpay run` makes for a program that has names written in: how long it lasts, and what of the user's stays. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import type { Launched } from '../../test/support/command.ts'
import {
  answersOf,
  both,
  hearingServer,
  plain,
  programsIn,
  scriptOf,
  secure,
} from '../../test/support/led-program.ts'
import type { ListeningServer } from '../../test/support/listening-server.ts'
import { makeCertificates } from './certificates.ts'

const folder = mkdtempSync(join(tmpdir(), 'cloudpay-led-life-'))
const programs = programsIn(folder)

let server: ListeningServer
beforeAll(async () => {
  await ensureBuilt()
  server = await hearingServer()
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The system's folder for temporary files, as the program under test sees it: nobody else's. */
let temporary: string
beforeEach(() => {
  temporary = mkdtempSync(join(folder, 'tmp-'))
})

/** Runs on and on, and says first where its port is. */
const lasting = `
  const [, port] = JSON.parse(process.env.CLOUDPAY_LED_NAMES)['api.mch.weixin.qq.com:443']
  print('here: ' + JSON.stringify({ pid: process.pid, port, file: process.env.NODE_EXTRA_CA_CERTS }))
  setInterval(() => {}, 1000)`

interface Here {
  readonly pid: number
  readonly port: number
  readonly file: string
}

async function lastingProgram(): Promise<{ launched: Launched; here: Here }> {
  const command = [process.execPath, programs.file('lasting.cjs', scriptOf(lasting))]
  const launched = programs.launch(command, server.url, { variables: { TMPDIR: temporary } })
  const here: Here = JSON.parse(/here: (.*)\n/.exec(await launched.said('}\n'))?.[1] ?? '')
  return { launched, here }
}

const portOf = (server: Server) => {
  const address = server.address()
  return typeof address === 'object' ? address?.port : address
}

/** @returns `connect`, or why nobody is there */
const knock = async (port: number): Promise<unknown> => {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return 'connect'
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  } finally {
    socket.destroy()
  }
}

test('while a program runs, its port is open and its file is its user’s alone; killed, both are gone', async () => {
  const { launched, here } = await lastingProgram()
  expect(await knock(here.port)).toBe('connect')
  const modes = [join(here.file, '..'), here.file].map((path) => (statSync(path).mode & 0o777).toString(8))
  expect(modes).toEqual(['700', '600'])
  process.kill(here.pid, 'SIGKILL')
  expect((await launched.done).code).toBe(128 + 9)
  expect(await knock(here.port)).toBe('ECONNREFUSED')
  expect(readdirSync(temporary)).toEqual([])
})

test('a signal to `run` ends the program, and nothing is left', async () => {
  const { launched, here } = await lastingProgram()
  launched.child.kill('SIGTERM')
  expect((await launched.done).code).toBe(128 + 15)
  expect(await knock(here.port)).toBe('ECONNREFUSED')
  expect(readdirSync(temporary)).toEqual([])
})

test('`run` itself killed leaves a certificate, and no key', async () => {
  const { launched, here } = await lastingProgram()
  const { child } = launched
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await knock(here.port)).toBe('ECONNREFUSED')
  const left = readdirSync(temporary, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  expect(left.map(({ name }) => name)).toEqual(['ca.pem'])
  expect(readFileSync(here.file, 'utf8')).toMatch(
    /^-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n$/,
  )
  process.kill(here.pid, 'SIGKILL')
})

test('a connection that a program leaves open does not keep `run` from ending', async () => {
  const text = `
    require('tls').connect(443, 'api.mch.weixin.qq.com', () => { print('connected'); process.exit(5) })`
  expect(await programs.run(text, server.url)).toMatchObject({ code: 5, out: 'connected\n' })
})

test('the user’s own NODE_OPTIONS and NODE_EXTRA_CA_CERTS stay in force', async () => {
  const own = await makeCertificates(['own.example'], new Date())
  const theirs = createHttpsServer({ cert: own.certificate, key: own.privateKey }, (_request, response) => {
    response.end('their own')
  }).listen(0, '127.0.0.1')
  await once(theirs, 'listening')
  mkdirSync(join(temporary, 'with space'))
  const preload = programs.file('own.cjs', 'globalThis.own = "own preload"')
  const variables = {
    NODE_OPTIONS: `--require "${preload}" --no-warnings`,
    NODE_EXTRA_CA_CERTS: programs.file('own-ca.pem', own.authority.trimEnd()),
    TMPDIR: join(temporary, 'with space'),
  }
  const text = `
    print(globalThis.own)
    print(await post('https://127.0.0.1:${portOf(theirs)}/', { servername: 'own.example' }))
    ${both}`
  const ended = await programs.run(text, server.url, { variables })
  theirs.close()
  expect(answersOf(ended)).toEqual(['own preload', 'their own', plain, secure])
})

test('a file of authorities that cannot be read is said, and left out', async () => {
  const ended = await programs.run(both, server.url, { variables: { NODE_EXTRA_CA_CERTS: 'none.pem' } })
  expect(ended.err).toMatch(/cloudpay: .*none\.pem.*cannot be read.*\n$/)
  expect(answersOf({ ...ended, err: '' })).toEqual([plain, secure])
})

test('without a folder for temporary files the program is not started: it might reach the real service', async () => {
  const ended = await programs.run(both, server.url, { variables: { TMPDIR: join(temporary, 'none') } })
  expect(ended).toMatchObject({ code: 1, out: '' })
  expect(ended.err).toContain('was not run')
})

test('a server behind https is reached by https, and its certificate is checked', async () => {
  const own = await makeCertificates(['localhost'], new Date())
  const there = createHttpsServer({ cert: own.certificate, key: own.privateKey }, (request, response) => {
    response.end(`by https: ${request.headers.host}${request.url}`)
  }).listen(0, '127.0.0.1')
  await once(there, 'listening')
  const url = `https://localhost:${portOf(there)}`
  const trusting = { NODE_EXTRA_CA_CERTS: programs.file('there.pem', own.authority) }
  expect(answersOf(await programs.run(both, url, { variables: trusting }))).toEqual([
    'by https: api.weixin.qq.com/_/pay/unifiedorder',
    'by https: api.mch.weixin.qq.com/pay/unifiedorder',
  ])
  const distrusting = await programs.run(both, url)
  there.close()
  expect(distrusting.out.match(/cannot reach https:\/\/localhost/g)).toHaveLength(2)
})

test.each(['nonsense', 'null', '{"api.weixin.qq.com:80":7}'])(
  'a program whose table is %s runs as if there were none',
  async (table) => {
    const preload = fileURLToPath(new URL('../../dist/client/lead-connections.cjs', import.meta.url))
    const text = `
      const lookup = (name, _options, answer) => answer(new Error(name + ' was looked up'))
      print(await post('http://api.weixin.qq.com/', { lookup }))`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--require', preload, '-e', scriptOf(text)],
      { env: { CLOUDPAY_LED_NAMES: table } },
    )
    expect(stdout).toBe('api.weixin.qq.com was looked up\n')
  },
)
