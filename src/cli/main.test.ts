/** The built command as a real process: exit codes, signals, and what a person reads. */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { away, launch as launchIn } from '../../test/support/command.ts'
import { freePort } from '../../test/support/dev-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'cloudpay-cli-'))

const launch = (args: readonly string[], variables: Record<string, string> = {}) =>
  launchIn(args, { cwd: folder, variables })
const cloudpay = (args: readonly string[], variables?: Record<string, string>) => launch(args, variables).done

/** A file: the arguments of `run` stay readable. */
const script = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return String(typeof address === 'object' ? address?.port : address)
}

beforeAll(async () => {
  await ensureBuilt()
  mkdirSync(join(folder, 'functions', 'tea'), { recursive: true })
  script('functions/tea/index.js', 'exports.main = () => {}')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  [['--help'], 'cloudpay run -- node your-function.js'],
  [['orders', 'list', '--help'], 'cloudpay orders list --unpaid'],
])('%j explains, with an example and the exit codes', async (args, example) => {
  const english = await cloudpay(args)
  expect(english).toMatchObject({ code: 0, err: '', out: expect.stringContaining(example) })
  expect(english.out).toContain('Exit codes')
  expect(english.out).not.toMatch(/\p{Script=Han}/u)
  const chinese = await cloudpay(args, { LANG: 'zh_CN.UTF-8' })
  expect(chinese.out).toContain(example)
  expect(chinese.out).toContain('退出码')
})

test('--version says the version of the package', async () => {
  expect(await cloudpay(['--version'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  })
})

test.each([
  [['strat'], 'unknown command strat (did you mean start?)'],
  [['start', '--prot', '1'], 'unknown option --prot (did you mean --port?)'],
  [['start', '--port'], 'start --help.'],
  [['start', '--port'], 'option --port <number> needs a value'],
  [['callbacks', 'show'], 'callbacks show --help.'],
  [['orders', 'lst'], 'orders --help.'],
  [['start', 'now'], 'too many arguments for start'],
  [['run'], 'argument <command> is missing'],
  [['start', '--port', '99999'], '--port ("99999") is not right'],
  [['start', '--host', '0.0.0.0'], 'demo credentials'],
  [['start', '--config', 'none.json'], 'cannot be read (ENOENT)'],
  [['run', '--url', 'nowhere', '--', 'true'], '--url ("nowhere") is not right'],
  [['run', '--secret-id', 'AKIDshop', '--', 'true'], 'belong together'],
  [['run', '--container', 'pay', '--', 'true'], '--container ("pay") is not right'],
  [['run', '--container', 'pay=http://127.0.0.1:1/path', '--', 'true'], 'the url without a path'],
  [['names', '--http', '65536'], '--http ("65536") is not right'],
  [['names', '--url', 'http://127.0.0.1/pay'], 'without a path'],
  [['dev'], 'argument <folder> is missing'],
  [['dev', 'nowhere'], 'There is no folder'],
  [['dev', 'functions/tea/index.js'], 'is a file, not a folder'],
  [['dev', '.'], 'There is no cloud function in'],
  [['dev', 'functions', '--timeout', '0'], '--timeout ("0") is not right'],
  [['dev', 'functions', '--timeout', 'long'], '--timeout ("long") is not right'],
  [['dev', 'functions', '--env', 'x'.repeat(129)], 'it must have 1 to 128 characters'],
  [['dev', 'functions', '--env-id', ''], 'it must have 1 to 64 characters'],
  [['dev', 'functions', '--url', 'nowhere'], '--url ("nowhere") is not right'],
  [['--lang', 'fr', 'start'], 'option --lang <zh|en> cannot be "fr": it must be one of zh, en'],
])('%j is refused with one line', async (args, words) => {
  const { code, out, err } = await cloudpay(args)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain(words)
  expect(err).toMatch(/^cloudpay: [^\n\p{Script=Han}]*\n$/u)
})

test.each([
  [['strat', '--lang', 'zh'], '没有 strat 这个命令（是否想用 start？）。用法见 '],
  [['--lang=zh', 'start', '--port', '99999'], '--port 设置有误（当前为 "99999"）'],
  [['start', '--lang', 'zh', '--lang', 'de'], 'option --lang <zh|en> cannot be'],
])('%j is refused in the language that was asked for', async (args, words) => {
  const { code, err } = await cloudpay(args)
  expect(code).toBe(1)
  expect(err).toContain(words)
})

test('run gives the command its arguments, the variables of the SDK, and its exit code back', async () => {
  const path = script(
    'show.mjs',
    `console.log(JSON.stringify([process.argv.slice(2), process.env.TCB_CONTEXT_CNFG, process.env.TENCENTCLOUD_SECRETID, process.env.KEPT])); process.exit(7)`,
  )
  const ended = await cloudpay(['run', ...away, '--', process.execPath, path, '--url', 'x', '--', '--help'], {
    KEPT: 'yes',
    TENCENTCLOUD_SECRETID: 'AKIDreal',
  })
  expect(ended.code).toBe(7)
  expect(JSON.parse(ended.out)).toEqual([
    ['--url', 'x', '--', '--help'],
    '{"URL":"http://127.0.0.1:9/admin"}',
    'AKIDsandbox',
    'yes',
  ])
  expect(ended.err).toMatch(/^cloudpay: cannot reach http:\/\/127\.0\.0\.1:9.*\n$/)
})

test('a command that does not exist exits with 127', async () => {
  const ended = await cloudpay(['run', ...away, '--', 'no-such-command-here'])
  expect(ended.code).toBe(127)
  expect(ended.err).toContain('no-such-command-here: no such command')
})

test('a file that may not be executed exits with 126', async () => {
  expect((await cloudpay(['run', ...away, '--', script('plain', 'text')])).code).toBe(126)
})

test('an empty command is refused in words', async () => {
  expect(await cloudpay(['run', ...away, '--', ''])).toMatchObject({
    code: 1,
    err: expect.stringContaining('the command is empty'),
  })
})

test('a command ended by a signal exits with 128 and its number', async () => {
  const path = script('killed.mjs', `process.kill(process.pid, 'SIGKILL')`)
  expect((await cloudpay(['run', ...away, '--', process.execPath, path])).code).toBe(128 + 9)
})

test('a signal reaches the command, which decides how to end', async () => {
  const path = script(
    'waits.mjs',
    `process.on('SIGTERM', () => process.exit(3)); setInterval(() => {}, 1000); console.log('ready')`,
  )
  const { child, done, said } = launch(['run', ...away, '--', process.execPath, path])
  await said('ready')
  child.kill('SIGTERM')
  expect((await done).code).toBe(3)
})

test('a server that answers is not warned about', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
  const port = await listening(server)
  const ended = await cloudpay(['run', '--url', `http://127.0.0.1:${port}`, '--', process.execPath, '-v'])
  server.close()
  expect(ended).toMatchObject({ code: 0, err: '' })
})

test('run --start starts a server where none answers, and stops it after the command', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const asks = script('asks.mjs', `console.log((await fetch('${url}/healthz')).status)`)
  // An application's own database is none of ours.
  const DATABASE_URL = 'postgres://tea@127.0.0.1:9/shop'
  const temporary = mkdtempSync(join(folder, 'temporary-'))
  const command = ['run', '--start', '--url', url, '--', process.execPath, asks]
  const ended = await cloudpay(command, { DATABASE_URL, TMPDIR: temporary })
  expect(ended).toEqual({ code: 0, out: '200\n', err: expect.stringContaining('starting one') })
  await expect(fetch(`${url}/healthz`), 'it ended').rejects.toThrow()
  expect(readdirSync(temporary), 'its data, and all that was temporary, went with it').toEqual([])
})

const start = ['start', '--port', '0', '--log-level', 'silent']

test('a started server says where it is, and stops cleanly when asked, npm repeating the signal', async () => {
  const { child, done, said } = launch(start)
  await said('export TCB_CONTEXT_CNFG=')
  child.kill('SIGINT')
  child.kill('SIGTERM')
  const { code, out } = await done
  expect(code).toBe(0)
  expect(out).toMatch(/http:\/\/127\.0\.0\.1:[1-9]\d*\n/)
})

test('a second start on the same port is refused with the port and the way out', async () => {
  const first = createServer()
  const port = await listening(first)
  const { code, err } = await cloudpay(['start', '--port', port, '--log-level', 'silent'])
  first.close()
  expect(code).toBe(1)
  expect(err).toContain(`Port ${port} on 127.0.0.1 is in use`)
})
