/** The log of the built program: JSON where no terminal is, lines for people where somebody asks for them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { freePort } from '../support/dev-process.ts'
import { startProcess } from '../support/server-process.ts'
import { inTerminal } from '../support/terminal-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'cloudpay-log-'))
beforeAll(ensureBuilt)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Who only looks is not logged: this is a call that changes something, or would. */
const payNothing = (url: string) =>
  fetch(`${url}/sandbox/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ out_trade_no: 'TEA-none' }),
  })

/** What it logs of it. */
async function logged(name: string, flags: readonly string[]): Promise<string> {
  const path = join(folder, name)
  const log = await open(path, 'w')
  const server = await startProcess(join(folder, 'data'), {
    flags: ['--log-level', 'info', ...flags],
    stderr: log.fd,
  })
  await payNothing(server.url)
  await server.stop('SIGTERM')
  await log.close()
  return readFileSync(path, 'utf8')
}

test('where no terminal is: JSON, a line each, for whoever reads it by program', async () => {
  const lines = (await logged('json', [])).trim().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({
      level: 30,
      msg: 'call',
      door: 'sandbox',
      outcome: 'ORDER_NOT_FOUND',
      status: 404,
    }),
  )
})

test('--log text: time, level, what, and facts, without colours', async () => {
  expect(await logged('text', ['--log', 'text'])).toMatch(
    /^\[\d\d:\d\d:\d\d\] INFO: call {2}door=sandbox method=pay .*outcome=ORDER_NOT_FOUND .*status=404 .* id=\w+\n$/,
  )
})

test.each([
  [{}, true],
  [{ NO_COLOR: '1' }, false],
])('at a terminal the same by itself, with %j in colours: %j', async (variables, coloured) => {
  const port = await freePort()
  const data = join(folder, coloured ? 'coloured' : 'plain')
  const server = inTerminal(['start', '--port', String(port), '--data', data, '--lang', 'en'], variables)
  await server.shows('Press Ctrl+C to stop')
  await payNothing(`http://127.0.0.1:${port}`)
  await server.shows('status=404')
  server.type('\u0003')
  const { code, out } = await server.done
  expect(code).toBe(0)
  expect(out).toContain('door=sandbox method=pay')
  expect(out.includes('\u001b[')).toBe(coloured)
})
