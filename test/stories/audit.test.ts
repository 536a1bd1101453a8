/** What people change is on record, whatever comes of it, and nobody waits for the record. */
import { afterEach, expect, test } from 'vitest'
import type { Store } from '../../src/app/store.ts'
import { LedgerUnavailable } from '../../src/ledger/db/db.ts'
import { freshStore } from '../support/databases.ts'
import { freshNumber, openSandbox, type Sandbox, subMchId } from '../support/sandbox.ts'

let sandbox: Sandbox | undefined
afterEach(() => sandbox?.close())

/** A sandbox on a database that does as told with some of the statements. */
async function open(
  meddle: (sql: string, run: () => Promise<unknown>) => Promise<unknown>,
): Promise<Sandbox> {
  const openStore = async (): Promise<Store> => {
    const { db, lanes } = await freshStore()
    const rows = (...[sql, ...more]: Parameters<typeof db.rows>) =>
      meddle(sql, () => db.rows(sql, ...more)) as Promise<never>
    return { db: { ...db, rows }, lanes }
  }
  sandbox = await openSandbox({ openStore })
  return sandbox
}

const outTradeNo = freshNumber()
const order = (one: Sandbox) => one.shop().unifiedOrder(outTradeNo)
const close = (one: Sandbox) =>
  one.control('/api/orders/close', { env_id: 'documented', sub_mch_id: subMchId, out_trade_no: outTradeNo })

const entries = async ({ url }: Sandbox) => {
  const response = await fetch(`${url}/api/audit?env_id=documented`)
  return ((await response.json()) as { entries: Record<string, unknown>[] }).entries
}

test('while the table of the record is locked, changes are answered all the same', async () => {
  const one = await open((sql, run) => (sql.includes('insert into audit') ? new Promise(() => {}) : run()))
  await order(one)
  expect(await close(one)).toMatchObject({ status: 409 })
  expect(await entries(one)).toEqual([])
})

test('a change whose outcome stayed unknown, and which may be done, is on record', async () => {
  let isCut = false
  const one = await open(async (sql, run) => {
    const result = await run()
    if (isCut && sql.includes('update orders')) throw new LedgerUnavailable('the line was cut')
    return result
  })
  await order(one)
  await one.shop().advance('5m')
  isCut = true
  expect((await close(one)).status).toBe(503)
  isCut = false
  expect(await entries(one)).toMatchObject([
    { action: 'closeOrder', status: 503, outcome: 'LEDGER_UNAVAILABLE' },
  ])
})
