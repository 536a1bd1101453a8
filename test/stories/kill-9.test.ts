/** The process is killed under load: every command that was answered is in the ledger of the next one. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoEnvironment } from '../../src/app/demo-environment.ts'
import { callAdmin } from '../support/admin-client.ts'
import { freshNumber, orderRequest, subMchId } from '../support/sandbox.ts'
import { startProcess } from '../support/server-process.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudpay-kill-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

type Promised = 'NOTPAY' | 'SUCCESS' | 'CLOSED'

const number = (outTradeNo: string) => ({ sub_mch_id: subMchId, out_trade_no: outTradeNo })

/** Orders, then closes, pays or leaves; notes each promise as soon as it is heard. Ends when the server does. */
async function customer(url: string, turn: number, promises: Map<string, Promised>): Promise<void> {
  for (let round = turn; ; round++) {
    const tea = freshNumber('KILL')
    try {
      const ordered = await callAdmin(url, demoEnvironment, 'unifiedOrder', orderRequest(tea))
      if (ordered.json.result_code !== 'SUCCESS') continue
      promises.set(tea, 'NOTPAY')
      if (round % 3 === 0) {
        const closed = await callAdmin(url, demoEnvironment, 'closeOrder', number(tea))
        if (closed.json.result_code === 'SUCCESS') promises.set(tea, 'CLOSED')
      } else if (round % 3 === 1) {
        const paid = await fetch(`${url}/sandbox/pay`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ out_trade_no: tea }),
        })
        if (paid.status === 200) promises.set(tea, 'SUCCESS')
      }
    } catch {
      return // the server is gone
    }
  }
}

test('after kill -9 under load every answered command is there', async () => {
  const promises = new Map<string, Promised>()
  const first = await startProcess(folder, ['--profile', 'observed'])
  const customers = Array.from({ length: 8 }, (_, turn) => customer(first.url, turn, promises))
  while (promises.size < 150) await Promise.race([...customers, new Promise(setImmediate)])
  await first.stop('SIGKILL')
  await Promise.all(customers)

  const second = await startProcess(folder, ['--profile', 'observed'])
  try {
    expect(new Set(promises.values())).toEqual(new Set(['NOTPAY', 'SUCCESS', 'CLOSED']))
    for (const [tea, promised] of promises) {
      const { json } = await callAdmin(second.url, demoEnvironment, 'queryOrder', number(tea))
      // A step whose answer was still on its way may have happened too; what was answered must have.
      if (promised === 'NOTPAY') expect(['NOTPAY', 'SUCCESS', 'CLOSED'], tea).toContain(json.trade_state)
      else expect(json.trade_state, `${tea} was answered ${promised}`).toBe(promised)
    }
  } finally {
    expect(await second.stop('SIGTERM'), 'a clean stop exits with 0').toBe(0)
  }
})
