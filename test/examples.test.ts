/** The examples, as their READMEs start them: real processes, the packages that the tests have already, ports of their own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../scripts/build.mjs'
import { freePort } from './support/dev-process.ts'
import { listener } from './support/hosted-functions.ts'
import { owned } from './support/owned-child.ts'
import { cleanEnvironment } from './support/server-process.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'cloudpay-examples-'))
/** Each, and what it says when it can be used. */
const examples = {
  'cloud-functions': 'ready for calls',
  container: 'the shop listens',
  'v2-express': 'the shop listens',
}
const names = Object.keys(examples)

beforeAll(async () => {
  await ensureBuilt()
  cpSync(join(root, 'examples'), join(folder, 'examples'), {
    recursive: true,
    filter: (path) => !/node_modules|[\\/]data$|\.cloudpay/.test(path),
  })
  symlinkSync(join(root, 'dist'), join(folder, 'dist'))
  for (const example of names)
    symlinkSync(join(root, 'test/node_modules'), join(folder, 'examples', example, 'node_modules'))
  const packages = join(folder, 'examples/testing/node_modules')
  mkdirSync(packages)
  symlinkSync(root, join(packages, 'opencloudpay'))
  for (const name of ['jest', 'vitest', 'wx-server-sdk'])
    symlinkSync(join(root, 'test/node_modules', name), join(packages, name))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What `npm run <name>` would run. */
function script(example: string, name: string): string {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    readFileSync(join(folder, 'examples', example, 'package.json'), 'utf8'),
  )
  return scripts[name] ?? ''
}

function run(example: string, command: string, variables: Readonly<Record<string, string>>) {
  const [program = '', ...args] = command.split(' ')
  const child = owned(
    spawn(program === 'node' ? process.execPath : program, args, {
      cwd: join(folder, 'examples', example),
      env: { ...cleanEnvironment(), ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
  const heard = listener()
  child.stdout.pipe(heard.stream, { end: false })
  child.stderr.pipe(heard.stream, { end: false })
  const ended = once(child, 'close').then(([code]) => code)
  return {
    child,
    ended,
    text: heard.text,
    /** @throws what it said instead, where it ends before */
    said: async (words: string) => {
      const over = ended.then(() =>
        Promise.reject(new Error(`it ended before saying "${words}": ${heard.text()}`)),
      )
      await Promise.race([heard.said(words), over])
    },
  }
}

test.each([
  ['vitest', /4 passed/],
  ['jest', /3 passed/],
])('testing: its tests pass under %s', async (runner, passed) => {
  // npm finds the program by its name, and we by its path.
  const command = script('testing', runner).replace(/^vitest/, 'node node_modules/vitest/vitest.mjs')
  const { ended, text } = run('testing', command, {})
  expect(await ended, text()).toBe(0)
  expect(text()).toMatch(passed)
})

/** PORT moves the whole example: OpenCloudPay takes the next one. */
async function freePairOfPorts(): Promise<number> {
  while (true) {
    const port = await freePort()
    const next = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      next.once('error', () => resolve(false)).listen(port + 1, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    next.close()
    await once(next, 'close')
    return port
  }
}

test('container: a port that is taken is told with what to do', { timeout: 120_000 }, async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  if (address === null || typeof address === 'string') throw new Error('it has no port')
  const variables = {
    PORT: String(address.port),
    CLOUDPAY_URL: `http://127.0.0.1:${await freePort()}`,
    SHOP_DATA: join(folder, 'data', 'taken'),
  }
  const { ended, text } = run('container', script('container', 'start'), variables)
  expect(await ended, text()).toBe(1)
  expect(text()).toContain(
    `port ${address.port} is in use; choose another by PORT, as in PORT=9090 npm start`,
  )
  expect(text(), 'no stack').not.toMatch(/^ {4}at /m)
  taken.close()
})

test.each(Object.entries(examples))(
  '%s: one command starts it, and a purchase goes its whole way',
  { timeout: 120_000 },
  async (example, ready) => {
    const port = await freePairOfPorts()
    const variables = {
      PORT: String(port),
      SHOP_DATA: join(folder, 'data', example),
    }
    const shop = run(example, script(example, 'start'), variables)
    const { said, text } = shop
    try {
      await said(ready)
      const customer = run(example, script(example, 'purchase'), variables)
      expect(await customer.ended, customer.text() + text()).toBe(0)
      expect(customer.text()).toContain('all 10 steps went as told')
      await said('-R: SUCCESS')
      expect(text().match(/is on its way/g), 'the tea goes out once').toHaveLength(1)
    } finally {
      shop.child.kill('SIGINT')
    }
    // `run` passes the signal on, and says what became of the command: ended by it.
    expect([0, 130], text()).toContain(await shop.ended)
  },
)
