/** A client of WeChat Pay v2 that can also be wrong on purpose, and a shop that speaks through it. */
import { randomBytes } from 'node:crypto'
import { findOrderIn } from '../../src/ledger/order.ts'
import { orderKey } from '../../src/ledger/order-key.ts'
import { type SignType, sign } from '../../src/protocol/sign.ts'
import { readXml, writeXml } from '../../src/protocol/v2/xml.ts'
import { partsAsked } from './databases.ts'
import type { Sandbox, Shop } from './sandbox.ts'

/** Who speaks, with whose key, and for whom. */
export interface V2Identity {
  readonly appid: string
  readonly mchId: string
  readonly apiKey: string
  readonly signType?: SignType
  /** A provider's sub-merchant; a merchant that speaks for itself has none. */
  readonly sub?: { readonly subMchId: string; readonly subAppid?: string }
}

export type Texts = Readonly<Record<string, string | number>>

export const payerOpenid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
/** Nobody listens there. */
export const notifyUrl = 'http://127.0.0.1:9/notify'

/** The fields of a request as a client signs them; `fields` win, and `undefined` leaves one out. */
export function signedFields(
  identity: V2Identity,
  fields: Readonly<Record<string, string | number | undefined>>,
): Texts {
  const { appid, mchId, apiKey, signType, sub } = identity
  const all: Readonly<Record<string, string | number | undefined>> = {
    appid,
    mch_id: mchId,
    sub_appid: sub?.subAppid,
    sub_mch_id: sub?.subMchId,
    nonce_str: randomBytes(16).toString('hex'),
    sign_type: signType,
    ...fields,
  }
  const asked: Texts = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  )
  return { ...asked, sign: sign(asked, apiKey, signType) }
}

export interface HeardXml {
  readonly status: number
  readonly contentType: string | null
  readonly text: string
  /** Every value as text; fails the test when the answer is no flat XML. */
  readonly fields: Readonly<Record<string, string>>
}

/** Sends any bytes, as any type. */
export async function postXml(
  url: string,
  path: string,
  body: string | Uint8Array,
  { method = 'POST', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<HeardXml> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers,
    ...(method === 'GET' ? {} : { body: Buffer.from(body) }),
  })
  const text = await response.text()
  const read = readXml(Buffer.from(text))
  if ('refused' in read) throw new Error(`the answer is no flat XML (${read.text.en}): ${text}`)
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    text,
    fields: Object.fromEntries(read.fields),
  }
}

export const paths = {
  unifiedOrder: '/pay/unifiedorder',
  queryOrder: '/pay/orderquery',
  closeOrder: '/pay/closeorder',
  refund: '/secapi/pay/refund',
  queryRefund: '/pay/refundquery',
} as const

/** One signed call; fails the test unless the answer has the form that v2 promises, its signature included. */
export async function callV2(
  url: string,
  identity: V2Identity,
  method: keyof typeof paths,
  fields: Readonly<Record<string, string | number | undefined>>,
): Promise<Record<string, string>> {
  const {
    status,
    text,
    fields: heard,
  } = await postXml(url, paths[method], writeXml(signedFields(identity, fields)))
  if (status !== 200) throw new Error(`HTTP ${status}: ${text}`)
  if (heard.return_code === 'FAIL') {
    if (Object.keys(heard).join() !== 'return_code,return_msg') throw new Error(`says too much: ${text}`)
  } else if (heard.sign !== sign(heard, identity.apiKey, identity.signType)) {
    throw new Error(`is not signed as it was asked: ${text}`)
  }
  return heard
}

/** The fields of a JSAPI order of 9.90. */
export const v2Order = (outTradeNo: string, more: object = {}) => ({
  body: 'Tea shop - oolong',
  out_trade_no: outTradeNo,
  total_fee: 990,
  spbill_create_ip: '127.0.0.1',
  notify_url: notifyUrl,
  trade_type: 'JSAPI',
  openid: payerOpenid,
  ...more,
})

/** The same shop, speaking v2: every story that is told of a shop can be told of it. */
export function v2Shop(sandbox: Sandbox, envId: string, identity: V2Identity): Shop {
  const subMchId = identity.sub?.subMchId ?? identity.mchId
  const shop = sandbox.shop(envId)
  const answer: Shop['answer'] = (apiName, request) => {
    const method = Object.keys(paths).find((name): name is keyof typeof paths => name === apiName)
    if (method === undefined) throw new Error(`no ${apiName} in v2`)
    return callV2(sandbox.url, identity, method, { ...request })
  }
  return {
    ...shop,
    apiKey: identity.apiKey,
    answer,
    unifiedOrder: (outTradeNo, more) => answer('unifiedOrder', v2Order(outTradeNo, more)),
    queryOrder: (outTradeNo) => answer('queryOrder', { out_trade_no: outTradeNo }),
    closeOrder: (outTradeNo) => answer('closeOrder', { out_trade_no: outTradeNo }),
    pay: (asked) => shop.pay({ sub_mch_id: subMchId, ...asked }),
    historyOf: async (outTradeNo) => {
      const key = orderKey({ parts: partsAsked }, envId, subMchId, outTradeNo)
      return (await findOrderIn(sandbox.db, key))?.history.map(({ event }) => event)
    },
  }
}
