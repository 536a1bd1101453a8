/** The calls behind the buttons, as they go over the wire: to be shown, and to be copied into a terminal. */
import { deepSnake } from '../protocol/api/deep-keys.ts'
import { envId, token } from './session.ts'

export interface WireCall {
  readonly method: 'POST'
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

/** The merchant always: another may have the same number, and then the server asks whose is meant. */
const ours = (subMchId: string | undefined) => ({
  ...(envId.value === 'sandbox' ? {} : { env_id: envId.value }),
  ...(subMchId === undefined ? {} : { sub_mch_id: subMchId }),
})

const post = (path: string, body: object, subMchId?: string): WireCall => ({
  method: 'POST',
  path,
  body: { ...body, ...ours(subMchId) },
})

interface Numbered {
  readonly subMchId: string
  readonly outTradeNo: string
}

export const calls = {
  close: ({ subMchId, outTradeNo }: Numbered) =>
    post('/api/orders/close', { out_trade_no: outTradeNo }, subMchId),
  pay: ({ subMchId, outTradeNo }: Numbered, more: object = {}) =>
    post('/sandbox/pay', { out_trade_no: outTradeNo, ...more }, subMchId),
  refund: ({ subMchId, outTradeNo }: Numbered, outRefundNo: string, refundFee: number) =>
    post(
      '/api/orders/refund',
      { out_trade_no: outTradeNo, out_refund_no: outRefundNo, refund_fee: refundFee },
      subMchId,
    ),
  resend: ({ subMchId, outTradeNo }: Numbered) =>
    post('/api/callbacks/resend', { out_trade_no: outTradeNo }, subMchId),
  resendRefund: (subMchId: string, outRefundNo: string) =>
    post('/api/callbacks/resend', { out_refund_no: outRefundNo }, subMchId),
  resendAll: (state: string) => post('/api/callbacks/resend', { state }),
  /** @param asked camelCase, as the client takes it */
  order: (asked: object, subMchId: string) =>
    post('/api/orders/create', deepSnake(asked) as object, subMchId),
  payer: (name: string, openid: string | undefined) => post('/sandbox/payers', { name, openid }),
  fault: (asked: object) => post('/sandbox/faults', deepSnake(asked) as object),
  late: ({ subMchId, outTradeNo }: Numbered, decision: 'refund' | 'adopt') =>
    post('/api/orders/late', { out_trade_no: outTradeNo, decision }, subMchId),
  clock: (change: object) => post('/sandbox/clock', change),
} as const

export const asLine = ({ method, path, body }: WireCall) => `${method} ${path} ${JSON.stringify(body)}`

/** Between single quotes a shell reads everything as it is, but for the quote itself. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

const curl = ({ path, body }: WireCall, headers: readonly string[] = []) =>
  [
    `curl ${location.origin}${path}`,
    `-H 'content-type: application/json'`,
    ...headers,
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n  ')

/** The administrator's token, where there is one, from the variable that the command line reads too: never from this page. */
export const asCurl = (call: WireCall) =>
  curl(call, token.value === undefined ? [] : ['-H "authorization: Bearer $CLOUDPAY_ADMIN_TOKEN"'])

/** What the platform or the SDK adds by itself, and code does not write. */
const unwritten = new Set(['nonce_str', 'sign', 'sign_type', 'appid', 'mch_id', 'sub_appid'])

const written = (request: object) => {
  const snake = Object.entries(deepSnake(request) as Record<string, unknown>)
  return Object.fromEntries(snake.filter(([name, value]) => !unwritten.has(name) && value !== undefined))
}

const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** The same order once more, from a container. */
export const orderAsCurl = (request: object) =>
  curl({ method: 'POST', path: '/_/pay/unifiedorder', body: written(request) })

/** The same order as code in a cloud function. */
export function orderAsSdk(request: object): string {
  const lines = Object.entries(written(request)).map(
    ([name, value]) => `  ${camel(name)}: ${JSON.stringify(value)},`,
  )
  return `await cloud.cloudPay.unifiedOrder({\n${lines.join('\n')}\n})`
}
