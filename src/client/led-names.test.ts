/** Programs that have WeChat's names written in, started by the built `cloudpay run`: what they reach, and how. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import {
  answersOf,
  both,
  hearingServer,
  type Manner,
  plain,
  programsIn,
  scriptOf,
  secure,
} from '../../test/support/led-program.ts'
import { type ListeningServer, listeningServer } from '../../test/support/listening-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'cloudpay-led-'))
const axios = createRequire(fileURLToPath(new URL('../../test/package.json', import.meta.url))).resolve(
  'axios',
)

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

const run = (text: string, manner?: Manner) => programs.run(text, server.url, manner)
const start = (command: readonly string[]) => programs.launch(command, server.url).done

/** What a program does, and the answers that it prints. */
const manners: readonly (readonly [what: string, text: string, answers: readonly string[]])[] = [
  ['http and https', both, [plain, secure]],
  [
    'the twin, and both of them by http',
    `print(await post('https://api2.mch.weixin.qq.com/pay/closeorder'))
    print(await post('http://api.mch.weixin.qq.com/pay/closeorder'))
    print(await post('http://api2.mch.weixin.qq.com/pay/closeorder'))`,
    ['api2', 'api', 'api2'].map((name) => `POST ${name}.mch.weixin.qq.com/pay/closeorder 3`),
  ],
  [
    'fetch',
    `for (const url of ['http://api.weixin.qq.com/_/pay/unifiedorder', 'https://api.mch.weixin.qq.com/pay/unifiedorder'])
      print(await (await fetch(url, { method: 'POST', body: 'tea' })).text())`,
    [plain, secure],
  ],
  [
    'axios',
    `const axios = require(${JSON.stringify(axios)})
    print((await axios.post('http://api.weixin.qq.com/_/pay/unifiedorder', 'tea')).data)
    print((await axios.post('https://API.mch.weixin.qq.com/pay/unifiedorder', 'tea')).data)`,
    [plain, secure],
  ],
  [
    'sockets, in every form of connecting',
    `const net = require('net'), tls = require('tls')
    const ask = 'POST /_/pay/unifiedorder HTTP/1.1\\r\\nHost: api.weixin.qq.com\\r\\nConnection: close\\r\\nContent-Length: 3\\r\\n\\r\\ntea'
    for (const socket of [
      net.connect(80, 'api.weixin.qq.com'),
      net.connect({ host: 'api.weixin.qq.com', port: '80' }),
      new net.Socket().connect(80, 'api.weixin.qq.com', () => {}),
      new net.Socket().connect({ host: 'api.weixin.qq.com', port: 80 }, () => {}),
      tls.connect(443, 'api.mch.weixin.qq.com'),
    ])
      print((await socket.end(ask).setEncoding('utf8').toArray()).join('').split('\\r\\n\\r\\n')[1])`,
    Array(5).fill(plain),
  ],
  [
    'a program that it starts',
    `require('child_process').spawnSync('sh', ['-c', '"$0" -e "$1"', process.execPath, ${JSON.stringify(scriptOf(both))}], { stdio: 'inherit' })`,
    [plain, secure],
  ],
  [
    'a worker thread',
    `const { Worker } = require('worker_threads')
    new Worker(${JSON.stringify(scriptOf(both))}, { eval: true })`,
    [plain, secure],
  ],
]

test('by whatever means a program connects, written-in names lead here, and Host stays as written', async () => {
  // One program for all of them, each in a block of its own; the worker last, for it prints when it likes.
  const text = manners.map(([what, does]) => `print('# ${what}')\n{ ${does} }`).join('\n')
  expect(answersOf(await run(text))).toEqual(
    manners.flatMap(([what, , answers]) => [`# ${what}`, ...answers]),
  )
})

const module = `
  import { request } from 'node:https'
  const answer = await new Promise((resolve, reject) =>
    request('https://api.mch.weixin.qq.com/pay/unifiedorder', { method: 'POST' }, resolve).on('error', reject).end('tea'))
  console.log((await answer.setEncoding('utf8').toArray()).join(''))`

test('a program of ES modules', async () => {
  expect(answersOf(await start([process.execPath, programs.file('module.mjs', module)]))).toEqual([secure])
})

test('a program behind a shell, and one behind npm', async () => {
  const path = programs.file('module.mjs', module)
  expect(answersOf(await start(['sh', '-c', `"${process.execPath}" "$0"`, path]))).toEqual([secure])
  programs.file('package.json', JSON.stringify({ scripts: { pay: 'node module.mjs' } }))
  expect(answersOf(await start(['npm', '--silent', '--update-notifier=false', 'run', 'pay']))).toEqual([
    secure,
  ])
})

test('connections are kept alive, by http and by https', async () => {
  const text = `
    for (const scheme of ['http', 'https']) {
      const agent = new (require(scheme).Agent)({ keepAlive: true })
      for (let i = 0; i < 3; i++) print(await post(scheme + '://api.mch.weixin.qq.com/pay/orderquery', { agent }))
      agent.destroy()
    }`
  const { out } = await run(text)
  const connections = [...out.matchAll(/#(\d+)$/gm)].map(([, number]) => number)
  expect(connections).toHaveLength(6)
  expect(new Set(connections).size).toBe(2)
  expect(new Set(connections.slice(0, 3)).size).toBe(1)
})

test('large bodies pass whole, both ways', async () => {
  const text = `
    const body = require('crypto').randomBytes(6_000_000).toString('base64')
    print(await post('https://api.mch.weixin.qq.com/echo', {}, body) === body)`
  expect(answersOf(await run(text))).toEqual(['true'])
})

test('what is not of these names stays as it is', async () => {
  const local = await listeningServer((_request, response) => response.end('another server'))
  const text = `
    const lookup = (name, _options, answer) => answer(new Error(name + ' was looked up'))
    print(await post('http://127.0.0.1:${local.port}/'))
    print(await post('http://localhost:${local.port}/'))
    print(await post('https://api.weixin.qq.com/sns/userinfo', { lookup }))
    print(await post('http://api.mch.weixin.qq.com:8080/', { lookup }))
    print(await post('https://api.mch.weixin.qq.com.example/', { lookup }))
    const server = require('net').createServer((socket) => socket.end('by path')).listen('by-path.sock', () =>
      require('net').connect('by-path.sock').on('data', (bytes) => { print(String(bytes)); server.close() }))`
  const answers = answersOf(await run(text))
  await local.close()
  expect(answers).toEqual([
    'another server',
    'another server',
    'api.weixin.qq.com was looked up',
    'api.mch.weixin.qq.com was looked up',
    'api.mch.weixin.qq.com.example was looked up',
    'by path',
  ])
})

test('a proxy of the user is not asked for these names, and is for all others', async () => {
  const text = `
    const axios = require(${JSON.stringify(axios)})
    const by = (url) => axios.post(url, 'tea').then(({ data }) => data, ({ code, port }) => code + ' ' + port)
    print(await by('http://api.weixin.qq.com/_/pay/unifiedorder'))
    print(await by('https://api.mch.weixin.qq.com/pay/unifiedorder'))
    print(await by('https://elsewhere.example/'))`
  const proxy = 'http://127.0.0.1:9'
  const variables = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: 'a.example' }
  expect(answersOf(await run(text, { variables }))).toEqual([plain, secure, 'ECONNREFUSED 9'])
})

test('the certificate is checked: other names, other authorities, and other programs refuse it', async () => {
  const text = `
    const url = 'https://api.mch.weixin.qq.com/pay/unifiedorder'
    print(await post(url, { servername: 'other.example' }))
    print(await post(url, { ca: require('tls').rootCertificates }))
    const [, port] = JSON.parse(process.env.CLOUDPAY_LED_NAMES)['api.mch.weixin.qq.com:443']
    const stranger = { ...process.env, NODE_EXTRA_CA_CERTS: '', NODE_OPTIONS: '' }
    const connect = "require('tls').connect({ port: +process.argv[1], servername: 'api.mch.weixin.qq.com' }).on('error', ({ code }) => console.log(code))"
    require('child_process').spawn(process.execPath, ['-e', connect, port], { env: stranger, stdio: 'inherit' })`
  expect(answersOf(await run(text))).toEqual([
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ])
})

test('a folder with spaces and quotes in its name, for the program and for its temporary files', async () => {
  const odd = join(folder, `a "quoted" folder, it's`)
  mkdirSync(odd)
  const root = fileURLToPath(new URL('../..', import.meta.url))
  cpSync(join(root, 'dist'), join(odd, 'dist'), { recursive: true })
  cpSync(join(root, 'package.json'), join(odd, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(odd, 'node_modules'))
  const ended = await run(both, { main: join(odd, 'dist/cli/main.js'), variables: { TMPDIR: odd } })
  expect(answersOf(ended)).toEqual([plain, secure])
})
