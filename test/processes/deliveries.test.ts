/** Whole gateways that die, or stand still past their lease, in the middle of a delivery: no callback is lost, none rises again. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { acknowledgesXml, openTarget, xmlOf } from '../support/callback-target.ts'
import { freshPostgres } from '../support/databases.ts'
import { environmentNamed, freshNumber } from '../support/sandbox.ts'
import { type ServerProcess, startProcess } from '../support/server-process.ts'
import { callV2, type V2Identity, v2Order } from '../support/v2-client.ts'

const folder = mkdtempSync(join(tmpdir(), 'cloudpay-deliveries-'))
const config = join(folder, 'environments.json')
const setting = environmentNamed('sandbox', 'documented', {
  callbackTimeout: '1s',
  callbackRetries: undefined,
})
const provider: V2Identity = {
  ...setting.provider,
  sub: { subMchId: '1900000109', subAppid: 'wx8888888888888888' },
}

beforeAll(async () => {
  await ensureBuilt()
  writeFileSync(config, JSON.stringify({ environments: [setting] }))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const start = (name: string, variables: Record<string, string> = {}) =>
  startProcess(join(folder, name), { flags: ['--config', config], variables })

async function control(gateway: ServerProcess, path: string, body: object) {
  const response = await fetch(`${gateway.url}/sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await response.json()) as Record<string, unknown>
}

async function orderAndPay(gateway: ServerProcess, notifyUrl: string): Promise<string> {
  const tea = freshNumber()
  await callV2(gateway.url, provider, 'unifiedOrder', v2Order(tea, { notify_url: notifyUrl }))
  expect(await control(gateway, 'pay', { out_trade_no: tea })).toMatchObject({ result: 'paid' })
  return tea
}

async function noticeOf(gateway: ServerProcess, tea: string) {
  const response = await fetch(`${gateway.url}/sandbox/callbacks?out_trade_no=${tea}`)
  const { notices } = (await response.json()) as { notices: Record<string, unknown>[] }
  return notices[0]
}

/** Until it stands so: the ledger says so itself, in its own time. */
async function untilStands(gateway: ServerProcess, tea: string, state: string) {
  for (;;) {
    const notice = await noticeOf(gateway, tea)
    if (notice?.state === state) return notice
  }
}

test('a gateway that is killed in the middle of a delivery delivers it when it is started again', async () => {
  const target = await openTarget('hang')
  const first = await start('killed')
  const tea = await orderAndPay(first, `${target.url}/n`)
  await target.arrived(1)
  await first.stop('SIGKILL')

  target.say(acknowledgesXml)
  const second = await start('killed')
  expect(xmlOf(await target.arrived(2))).toMatchObject({ out_trade_no: tea })
  expect(await untilStands(second, tea, 'delivered')).toMatchObject({ attempts: 1 })
  await second.stop('SIGTERM')
  await target.close()
})

test('a gateway that is stopped in order gives back what it was at: the next one need not wait', async () => {
  const target = await openTarget('hang')
  const first = await start('ordered')
  const tea = await orderAndPay(first, `${target.url}/n`)
  await target.arrived(1)
  expect(await first.stop('SIGTERM')).toBe(0)

  target.say(acknowledgesXml)
  const second = await start('ordered')
  await target.arrived(2)
  await untilStands(second, tea, 'delivered')
  await second.stop('SIGTERM')
  await target.close()
})

test('of two gateways one stands still past its lease: the other delivers, and what it wakes up to does not count', async () => {
  const database = await freshPostgres()
  const target = await openTarget('hang')
  const slow = await start('slow', { DATABASE_URL: database.url })
  const tea = await orderAndPay(slow, `${target.url}/n`)
  await target.arrived(1)
  slow.process.kill('SIGSTOP')

  target.say(acknowledgesXml)
  const other = await start('other', { DATABASE_URL: database.url })
  await target.arrived(2)
  const told = await untilStands(other, tea, 'delivered')
  slow.process.kill('SIGCONT')
  // It says so when it looks again; its own attempt is over by then.
  await control(slow, 'clock', { advance: '1h' })
  expect(await noticeOf(slow, tea)).toEqual(told)
  expect(target.received).toHaveLength(2)
  await Promise.all([slow.stop('SIGTERM'), other.stop('SIGTERM')])
  await target.close()
  await database.close()
})
