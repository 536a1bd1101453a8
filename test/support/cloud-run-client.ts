/** A container that calls `/_/pay/<name>`, rightly or wrongly, and a shop that speaks through it. */
import { orderRequest, type Sandbox, type Shop, subMchId } from './sandbox.ts'
import { payerOpenid } from './v2-client.ts'

export interface CloudRunCall {
  readonly method?: string
  /** Beside or instead of `content-type: application/json`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string | undefined
  readonly body?: string | Uint8Array
}

export interface HeardJson {
  readonly status: number
  readonly headers: Headers
  readonly errcode: unknown
  readonly errmsg: string
  /** Absent when the gateway itself refused. */
  readonly respdata: Record<string, unknown> | undefined
}

/** @param name with a query, if any */
export async function postPay(url: string, name: string, call: CloudRunCall = {}): Promise<HeardJson> {
  const { method = 'POST', headers = {}, token, body = '{}' } = call
  const response = await fetch(`${url}/_/pay/${name}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(method === 'GET' || method === 'HEAD' ? {} : { body: Buffer.from(body) }),
  })
  const json = (await response.json()) as Pick<HeardJson, 'errcode' | 'errmsg' | 'respdata'>
  return { ...json, respdata: json.respdata, status: response.status, headers: response.headers }
}

/** The same shop, speaking from a container: every story that is told of a shop can be told of it. */
export function cloudRunShop(sandbox: Sandbox, envId: string, token?: string): Shop {
  const shop = sandbox.shop(envId)
  const answer: Shop['answer'] = async (apiName, request) => {
    const heard = await postPay(sandbox.url, apiName, { token, body: JSON.stringify(request) })
    if (heard.respdata === undefined) throw new Error(`${apiName} was refused: ${JSON.stringify(heard)}`)
    return heard.respdata
  }
  const asked = (outTradeNo: string) => ({ sub_mch_id: subMchId, out_trade_no: outTradeNo })
  return {
    ...shop,
    answer,
    unifiedOrder: (outTradeNo, more) =>
      answer('unifiedorder', orderRequest(outTradeNo, { openid: payerOpenid, ...more })),
    queryOrder: (outTradeNo) => answer('queryorder', asked(outTradeNo)),
    closeOrder: (outTradeNo) => answer('closeorder', asked(outTradeNo)),
  }
}
