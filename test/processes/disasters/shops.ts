/** The environments of the disasters, and how their shops speak: each through one of the doors. Owns the words of the wire. */
import type { EnvironmentSettingInput } from '../../../src/ledger/environments.ts'
import { totalFee } from '../../simulation/people.ts'
import { callAdmin } from '../../support/admin-client.ts'
import { postPay } from '../../support/cloud-run-client.ts'
import { environmentNamed, orderRequest, subMchId } from '../../support/sandbox.ts'
import { callV2, v2Order } from '../../support/v2-client.ts'

export type Setting = EnvironmentSettingInput & { doorToken: string }

const services = ['tea', 'coffee', 'juice']

/** One a rule profile, each on a test clock. @param target base of all callbacks */
export const settingsFor = (target: string): readonly Setting[] =>
  (['documented', 'observed'] as const).map((profile, index) => ({
    ...environmentNamed(profile, profile, {
      closeAtTimeExpire: true,
      closeAfterSevenDays: true,
      closeAfter: '40m',
      refundTakes: '5m',
      callbackTimeout: '1s',
      callbackRetries: undefined,
      containers: Object.fromEntries(services.map((service) => [service, target])),
    }),
    provider: {
      appid: 'wxd678efh667hg6787',
      mchId: `123000010${index}`,
      apiKey: '192006250b4c09247ec02edce69f6a2d',
    },
    merchants: [],
    doorToken: `token-of-the-shops-of-${profile}`,
  }))

type Method = 'unifiedOrder' | 'closeOrder' | 'refund'
type Fields = Readonly<Record<string, unknown>>

/** Of a shop that speaks through one door to one environment; its callbacks carry the number that they are of in their path. */
export interface Shop {
  order(url: string, outTradeNo: string, more: object): Promise<Fields>
  close(url: string, outTradeNo: string): Promise<Fields>
  refund(url: string, asked: { outTradeNo: string; outRefundNo: string; fee: number }): Promise<Fields>
}

/** The gateway itself did not reach its ledger, and says so in its envelope. */
const unknown: Fields = { return_code: 'SUCCESS', result_code: 'FAIL', err_code: 'SYSTEMERROR' }

type Speak = (url: string, method: Method, body: object) => Promise<Fields>

const fromContainer =
  ({ doorToken }: Setting): Speak =>
  async (url, method, body) => {
    const heard = await postPay(url, method.toLowerCase(), { token: doorToken, body: JSON.stringify(body) })
    if (heard.respdata !== undefined) return heard.respdata
    if (heard.errcode === -1) return unknown
    throw new StrangeAnswer(`${method}: ${JSON.stringify(heard)}`)
  }

const fromFunction =
  (setting: Setting): Speak =>
  async (url, method, body) => {
    const { channel, json } = await callAdmin(url, setting, method, body)
    if (channel === 'answer') return json
    if (json.errcode === -604103) return unknown
    throw new StrangeAnswer(`${method}: ${JSON.stringify(json)}`)
  }

/** Nothing that breaks on the way looks like this. */
export class StrangeAnswer extends Error {
  override readonly name = 'StrangeAnswer'
}

function cloudPayShop(speak: Speak, service: string): Shop {
  const toPath = (path: string) => ({
    function_name: undefined,
    callback_type: 2,
    env_id: 'prod-1a2b',
    container: { service, path },
  })
  return {
    order: (url, outTradeNo, more) =>
      speak(url, 'unifiedOrder', {
        ...orderRequest(outTradeNo, { total_fee: totalFee, trade_type: 'NATIVE', ...more }),
        ...toPath(`/paid/${outTradeNo}`),
      }),
    close: (url, outTradeNo) => speak(url, 'closeOrder', { sub_mch_id: subMchId, out_trade_no: outTradeNo }),
    refund: (url, { outTradeNo, outRefundNo, fee }) =>
      speak(url, 'refund', {
        sub_mch_id: subMchId,
        out_trade_no: outTradeNo,
        out_refund_no: outRefundNo,
        total_fee: totalFee,
        refund_fee: fee,
        ...toPath(`/refunded/${outRefundNo}`),
      }),
  }
}

function v2ShopOf({ provider }: Setting, target: string): Shop {
  const identity = { ...provider, sub: { subMchId } }
  return {
    order: (url, outTradeNo, more) =>
      callV2(url, identity, 'unifiedOrder', {
        ...v2Order(outTradeNo, {
          total_fee: totalFee,
          trade_type: 'NATIVE',
          product_id: 'tea',
          openid: undefined,
          notify_url: `${target}/paid/${outTradeNo}`,
          ...more,
        }),
      }),
    close: (url, outTradeNo) => callV2(url, identity, 'closeOrder', { out_trade_no: outTradeNo }),
    refund: (url, { outTradeNo, outRefundNo, fee }) =>
      callV2(url, identity, 'refund', {
        out_trade_no: outTradeNo,
        out_refund_no: outRefundNo,
        total_fee: totalFee,
        refund_fee: fee,
        notify_url: `${target}/refunded/${outRefundNo}`,
      }),
  }
}

/** A shop for each door. */
export const shopsOf = (setting: Setting, target: string): readonly Shop[] => [
  ...services.map((service, index) =>
    cloudPayShop(index === 0 ? fromFunction(setting) : fromContainer(setting), service),
  ),
  v2ShopOf(setting, target),
]

const done = { order: 'prepaid', close: 'closed', refund: 'accepted' } as const

/** An answer in the simulation's words, as far as it has one for it; otherwise its own. */
export function heardIn(what: keyof typeof done, answer: Fields): string {
  const { return_code, result_code, err_code, err_code_des = '', return_msg = '' } = answer
  if (return_code === 'FAIL' && /SYSTEMERROR|system error/i.test(String(return_msg))) return 'unknown'
  if (return_code !== 'SUCCESS') throw new StrangeAnswer(`${what}: ${JSON.stringify(answer)}`)
  if (result_code === 'SUCCESS') return done[what]
  switch (err_code) {
    case 'SYSTEMERROR':
      return 'unknown'
    case 'ORDERPAID':
      // Of a purchase that another attempt paid.
      return /by order/.test(String(err_code_des)) ? 'purchase-paid' : 'paid'
    case 'ORDERCLOSED':
      return what === 'close' ? 'already-closed' : 'closed'
    default:
      return String(err_code ?? 'refused')
  }
}
