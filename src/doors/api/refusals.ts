/** What the API refuses, in words. */
import type { Environment } from '../../ledger/environments.ts'
import type { Answer } from '../sandbox/answer.ts'

export type Refused = Exclude<Answer, { status: 200 }>

export const orderNotFound = (
  { envId }: Pick<Environment, 'envId'>,
  { sub_mch_id: subMchId, out_trade_no: number }: { sub_mch_id: string; out_trade_no: string },
): Refused => ({
  status: 404,
  code: 'ORDER_NOT_FOUND',
  text: {
    zh: `环境 ${envId} 的商户 ${subMchId} 没有订单 ${number}；请核对订单号、sub_mch_id 和 env_id`,
    en: `merchant ${subMchId} of environment ${envId} has no order ${number}; check the number, sub_mch_id and env_id`,
  },
})
