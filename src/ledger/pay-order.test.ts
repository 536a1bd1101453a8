/** A payment whose answer is lost finds out what became of it, whatever happened to its order since. Found by simulation. */
import { expect, test } from 'vitest'
import { freshStore } from '../../test/support/databases.ts'
import { asked, commandId, creation, minute, payment } from '../../test/support/ledger-shop.ts'
import { fen } from '../protocol/fen.ts'
import { acceptRefund } from './accept-refund.ts'
import { createOrder } from './create-order.ts'
import { openBatcher } from './db/batcher.ts'
import { type Db, LedgerUnavailable } from './db/db.ts'
import { migrateLedger, openLedger } from './ledger.ts'
import { payOrder } from './pay-order.ts'

test('a payment that was refunded before its answer was found out is told as paid, not as refused', async () => {
  const { db } = await freshStore()
  await migrateLedger(db, new Date(0))
  const there = await openLedger(db, { lanes: 1 })
  await createOrder(there, creation(there, 'tea'))
  const key = asked(there, 'tea', minute(10))
  const refundAll = () =>
    acceptRefund(there, {
      key,
      commandId: commandId(),
      at: minute(11),
      clock: 'ledger',
      request: { subMchId: 'm', outTradeNo: 'tea', outRefundNo: 'R', totalFee: fen(1), refundFee: fen(1) },
      refundId: 'r-1',
      madeAs: { wire: 'cloudpay', direct: false, signType: 'MD5', appid: 'wx1', mchId: '1' },
      faults: [],
      dueAt: minute(20),
    })
  let lines = 0
  const breaking: Db = {
    ...db,
    async rows<Row>(...statement: Parameters<Db['rows']>) {
      const rows = await db.rows<Row>(...statement)
      if (lines++ > 0) return rows
      await refundAll()
      throw new LedgerUnavailable('the line broke before the answer')
    },
  }
  const far = { ...there, db: breaking, batcher: openBatcher(breaking, 1) }
  const paid = await payOrder(far, payment(far, 'tea', minute(10)))
  expect(paid).toMatchObject({ moved: { state: 'REFUND', refundedFee: 1 } })
  await db.close()
})
