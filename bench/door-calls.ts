/** How each door is spoken to: whole requests, signed, as bytes. Owns no connection and no clock. */

import { writeXml } from '../src/protocol/v2/xml.ts'
import { type Credentials, prepare, sdkParts } from '../test/support/admin-client.ts'
import { orderRequest, subMchId } from '../test/support/sandbox.ts'
import { paths, payerOpenid, signedFields, type V2Identity, v2Order } from '../test/support/v2-client.ts'
import type { httpConnections } from './http-connection.ts'
import { type Job, measure } from './measure.ts'
import type { Cell } from './rounds.ts'
import type { Stock } from './stock.ts'

export type Method = 'unifiedOrder' | 'queryOrder' | 'closeOrder'

/** A door of one server, as one caller of it speaks. */
export interface Door {
  /** For people. */
  readonly name: string
  request(method: Method, outTradeNo: string): Buffer
  succeeded(answer: string): boolean
}

interface Http {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** In pieces of unknown number, as the SDK's body goes out. */
  readonly chunked?: boolean
}

function httpRequest({ url, headers, body, chunked = false }: Http): Buffer {
  const { host, pathname, search } = new URL(url)
  const length = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) }
  const lines = Object.entries({ host, connection: 'keep-alive', ...headers, ...length }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  const head = Buffer.from(`POST ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`)
  return chunked
    ? Buffer.concat([
        head,
        Buffer.from(`${body.length.toString(16)}\r\n`),
        body,
        Buffer.from('\r\n0\r\n\r\n'),
      ])
    : Buffer.concat([head, body])
}

/** JSON by POST, as bytes. @param token of a door that asks for one */
export const jsonRequest = (url: string, body: object, token?: string): Buffer =>
  httpRequest({
    url,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: Buffer.from(JSON.stringify(body)),
  })

export const jsonSucceeded = (answer: string) => answer.includes('"result_code":"SUCCESS"')

const jsonBody = (method: Method, outTradeNo: string, more: object = {}) =>
  JSON.stringify(
    method === 'unifiedOrder'
      ? orderRequest(outTradeNo, more)
      : { sub_mch_id: subMchId, out_trade_no: outTradeNo },
  )

/** `POST /admin`, as the official SDK signs. */
export const cloudFunctionDoor = (url: string, credentials: Credentials): Door => ({
  name: '/admin',
  request: (method, outTradeNo) =>
    httpRequest({
      ...prepare(url, credentials, sdkParts(method, jsonBody(method, outTradeNo))),
      chunked: true,
    }),
  succeeded: jsonSucceeded,
})

/** `POST /_/pay/<name>`. @param token none: the environment `sandbox` */
export const cloudRunDoor = (url: string, token?: string): Door => ({
  name: token === undefined ? '/_/pay' : '/_/pay, real clock',
  request: (method, outTradeNo) =>
    httpRequest({
      url: `${url}/_/pay/${method.toLowerCase()}`,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: Buffer.from(jsonBody(method, outTradeNo, { openid: payerOpenid })),
    }),
  succeeded: jsonSucceeded,
})

/** `POST /pay/…`, v2. */
export const v2Door = (url: string, identity: V2Identity): Door => ({
  name: '/pay',
  request: (method, outTradeNo) =>
    httpRequest({
      url: `${url}${paths[method]}`,
      headers: { 'content-type': 'text/xml' },
      body: Buffer.from(
        writeXml(
          signedFields(
            identity,
            method === 'unifiedOrder' ? v2Order(outTradeNo) : { out_trade_no: outTradeNo },
          ),
        ),
      ),
    }),
  succeeded: (answer) => /<result_code>(<!\[CDATA\[)?SUCCESS/.test(answer),
})

/** A door, the order book behind it, and the connections to its server. */
export interface DoorOn {
  readonly door: Door
  readonly stock: Stock
  readonly connections: ReturnType<typeof httpConnections>
}

/** A call, ready to be sent. @throws Error there is no order to close */
function doorJob({ door, stock, connections }: DoorOn, method: Method): Job {
  const outTradeNo = { unifiedOrder: stock.order, queryOrder: stock.find, closeOrder: stock.close }[method]()
  if (outTradeNo === undefined) throw new Error(`no order left for ${method}`)
  const request = door.request(method, outTradeNo)
  return async (caller) => {
    const answer = await connections.ask(caller, request)
    if (!door.succeeded(answer)) throw new Error(answer.slice(0, 300))
  }
}

const jobsOf = (on: DoorOn, method: Method, count: number): Job[] =>
  Array.from({ length: count }, () => doorJob(on, method))

/** How far behind its order a close stands, for each caller: it must not overtake it. */
const lagEach = 16

/** Orders and closes in turns. @param goesOn asked before each pair */
export function* pairsOf(on: DoorOn, callers: number, goesOn: () => boolean): Generator<Job> {
  while (goesOn()) {
    yield doorJob(on, 'unifiedOrder')
    if (on.stock.open() > callers * lagEach) yield doorJob(on, 'closeOrder')
  }
}

/**
 * Orders, of which one is paid and the next one closed, in turns. @param goesOn asked before each four
 * @param payment of an order, as its payer asks for it
 */
export function* purchasesOf(
  on: DoorOn,
  callers: number,
  goesOn: () => boolean,
  payment: (outTradeNo: string) => Buffer,
): Generator<Job> {
  const { stock, connections } = on
  while (goesOn()) {
    yield doorJob(on, 'unifiedOrder')
    yield doorJob(on, 'unifiedOrder')
    if (stock.open() <= callers * lagEach) continue
    const outTradeNo = stock.close()
    if (outTradeNo === undefined) continue
    const request = payment(outTradeNo)
    yield async (caller) => {
      const answer = await connections.ask(caller, request)
      if (!answer.includes('"result":"paid"')) throw new Error(answer.slice(0, 300))
    }
    yield doorJob(on, 'closeOrder')
  }
}

export interface DoorCell extends Cell {
  readonly name: Method
  readonly door: string
}

const placingCallers = 16

/** One method through one door; orders to close are placed beforehand. */
export const doorCell = (on: DoorOn, method: Method, callers: number): DoorCell => ({
  name: method,
  door: on.door.name,
  callers,
  async jobs(count) {
    const missing = method === 'closeOrder' ? count - on.stock.open() : 0
    if (missing > 0) await measure(placingCallers, jobsOf(on, 'unifiedOrder', missing))
    return jobsOf(on, method, count)
  },
})
