/** A call of the request log as the API shows it. */
import type { z } from 'zod'
import type { CallRecord } from '../../ledger/requests.ts'
import type { request } from '../../protocol/api/requests.ts'

export const requestView = (call: CallRecord): z.output<typeof request> => ({
  id: call.id,
  env_id: call.envId,
  at: call.at,
  door: call.door,
  method: call.method,
  sub_mch_id: call.subMchId,
  out_trade_no: call.outTradeNo,
  outcome: call.outcome,
  why: call.why,
  fault: call.fault,
  status: call.status,
  ms: call.ms,
  asked: call.body,
  answered: call.answer,
  check: call.signed,
})
