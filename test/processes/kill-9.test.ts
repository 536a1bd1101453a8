/** A process is killed under load: every command that was answered is in the ledger that remains. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoEnvironment } from '../../src/app/demo-environment.ts'
import { callAdmin } from '../support/admin-client.ts'
import { freshPostgres } from '../support/databases.ts'
import { freshNumber, orderRequest, subMchId } from '../support/sandbox.ts'
import { type ServerProcess, startProcess } from '../support/server-process.ts'
import { callV2, v2Order } from '../support/v2-client.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudpay-kill-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What an order's customers were last told of it. */
type Told = 'NOTPAY' | 'SUCCESS' | 'CLOSED'

/** All that was answered, and when there is enough of it. */
class Answered {
  readonly orders = new Map<string, Told>()
  readonly #enough: number
  #tell: () => void = () => {}
  readonly enough = new Promise<void>((resolve) => {
    this.#tell = resolve
  })

  constructor(enough: number) {
    this.#enough = enough
  }

  note(outTradeNo: string, told: Told): void {
    this.orders.set(outTradeNo, told)
    if (this.orders.size >= this.#enough) this.#tell()
  }
}

type Fields = Record<string, unknown>
/** A way to speak to a server: the official SDK's protocol, or v2. */
type Speak = (
  url: string,
  method: 'unifiedOrder' | 'queryOrder' | 'closeOrder',
  outTradeNo: string,
) => Promise<Fields>

const bySdk: Speak = async (url, method, outTradeNo) =>
  (
    await callAdmin(
      url,
      demoEnvironment,
      method,
      method === 'unifiedOrder'
        ? orderRequest(outTradeNo)
        : { sub_mch_id: subMchId, out_trade_no: outTradeNo },
    )
  ).json

const directMerchant = {
  appid: 'wx8888888888888888',
  mchId: subMchId,
  apiKey: demoEnvironment.provider.apiKey,
  signType: 'HMAC-SHA256',
} as const

const byV2: Speak = (url, method, outTradeNo) =>
  callV2(
    url,
    directMerchant,
    method,
    method === 'unifiedOrder' ? v2Order(outTradeNo) : { out_trade_no: outTradeNo },
  )

const pay = (url: string, outTradeNo: string) =>
  fetch(`${url}/sandbox/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ out_trade_no: outTradeNo }),
  })

/** Orders, then closes, pays or leaves, and notes each answer as soon as it is heard. Ends when a server is gone. */
async function customer(urls: readonly string[], turn: number, answered: Answered): Promise<void> {
  for (let round = turn; ; round++) {
    const tea = freshNumber('KILL')
    // The next command of an order goes to whichever gateway comes next.
    const [url = '', other = ''] = [urls[round % urls.length], urls[(round + 1) % urls.length]]
    const speak = round % 2 === 0 ? bySdk : byV2
    try {
      if ((await speak(url, 'unifiedOrder', tea)).result_code !== 'SUCCESS') continue
      answered.note(tea, 'NOTPAY')
      if (round % 3 === 0) {
        if ((await speak(other, 'closeOrder', tea)).result_code === 'SUCCESS') answered.note(tea, 'CLOSED')
      } else if (round % 3 === 1) {
        if ((await pay(other, tea)).status === 200) answered.note(tea, 'SUCCESS')
      }
    } catch {
      return
    }
  }
}

async function agree(url: string, answered: Answered): Promise<void> {
  expect(new Set(answered.orders.values())).toEqual(new Set(['NOTPAY', 'SUCCESS', 'CLOSED']))
  for (const [tea, told] of answered.orders) {
    const state = (await bySdk(url, 'queryOrder', tea)).trade_state
    // A step whose answer was still on its way may have happened too; what was answered must have.
    if (told === 'NOTPAY') expect(['NOTPAY', 'SUCCESS', 'CLOSED'], tea).toContain(state)
    else expect(state, `${tea} was answered ${told}`).toBe(told)
  }
}

const customers = (urls: readonly string[], answered: Answered) =>
  Promise.all(Array.from({ length: 8 }, (_, turn) => customer(urls, turn, answered)))

const observed = { flags: ['--profile', 'observed'] }

test('after kill -9 under load every answered command is there', async () => {
  const answered = new Answered(150)
  const first = await startProcess(folder, observed)
  const all = customers([first.url], answered)
  await answered.enough
  await first.stop('SIGKILL')
  await all

  const second = await startProcess(folder, observed)
  try {
    await agree(second.url, answered)
  } finally {
    expect(await second.stop('SIGTERM'), 'a clean stop exits with 0').toBe(0)
  }
})

test('two gateways serve one PostgreSQL; one is killed under load, and every answer agrees with the ledger', async () => {
  const database = await freshPostgres()
  const gateways: ServerProcess[] = []
  try {
    const options = { ...observed, variables: { DATABASE_URL: database.url } }
    // Together: of two that find an empty database, each step of the schema is taken by one.
    gateways.push(...(await Promise.all([startProcess(folder, options), startProcess(folder, options)])))
    const [first, second] = gateways
    if (first === undefined || second === undefined) throw new Error('two gateways')

    const answered = new Answered(300)
    const all = customers([first.url, second.url], answered)
    await answered.enough
    await first.stop('SIGKILL')
    await all

    await agree(second.url, answered)
    const tea = freshNumber('AFTER')
    expect(await byV2(second.url, 'unifiedOrder', tea)).toMatchObject({ result_code: 'SUCCESS' })
    expect(await bySdk(second.url, 'closeOrder', tea)).toMatchObject({ result_code: 'SUCCESS' })
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.stop('SIGKILL')))
    await database.close()
  }
})
