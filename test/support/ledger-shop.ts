/** Commands on the ledger as the tests of the ledger need them: an order, and what may happen to it. */
import type { Create } from '../../src/ledger/create-order.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { orderKey } from '../../src/ledger/order-key.ts'
import type { Pay } from '../../src/ledger/pay-order.ts'
import { fen } from '../../src/protocol/fen.ts'

const start = Date.UTC(2026, 10, 23)
/** A moment on the orders' clock: they are made at minute 0. */
export const minute = (count: number) => new Date(start + count * 60_000)

let ids = 0
export const commandId = () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`

/** A command on one order at a moment. */
export const asked = (ledger: Pick<Ledger, 'parts'>, outTradeNo: string, at: Date, subMchId = 'm') => ({
  ...orderKey(ledger, 'ledger', subMchId, outTradeNo),
  commandId: commandId(),
  at,
})

/** Closable from minute 5, its prepay ends at 120, its own time at 240, when it is to be closed. */
export const creation = (ledger: Pick<Ledger, 'parts'>, outTradeNo: string, subMchId = 'm'): Create => ({
  ...asked(ledger, outTradeNo, minute(0), subMchId),
  clock: 'ledger',
  madeAs: { wire: 'cloudpay', direct: false, signType: 'MD5', appid: 'wx1', mchId: '1' },
  faults: [],
  prepayId: commandId(),
  closableFrom: minute(5),
  payableUntil: minute(120),
  expiresAt: minute(240),
  closeAt: minute(240),
  closeWhy: 'time_expire',
  request: {
    functionName: 'f',
    envId: 'e',
    subMchId,
    body: 'b',
    outTradeNo,
    feeType: 'CNY',
    totalFee: fen(1),
    spbillCreateIp: '::1',
    tradeType: 'NATIVE',
  },
})

export const payment = (
  ledger: Pick<Ledger, 'parts'>,
  outTradeNo: string,
  at: Date,
  subMchId = 'm',
): Pay => ({
  ...asked(ledger, outTradeNo, at, subMchId),
  prepayId: undefined,
  transactionId: commandId(),
  payerOpenid: 'o',
  bankType: 'OTHERS',
  notice: undefined,
})

/** What a caller of a command heard, in a word. */
export const heard = (settled: { readonly moved: unknown } | { readonly refused: string }): string =>
  'moved' in settled ? 'moved' : settled.refused
