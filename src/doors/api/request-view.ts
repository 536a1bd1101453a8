/** A call of the request log as the API shows it. */
import type { z } from 'zod'
import type { CallRecord } from '../../ledger/requests.ts'
import type { request } from '../../protocol/api/requests.ts'
import { faults } from '../cloud-run/answers.ts'

type Shown = z.output<typeof request>

/** By what each door says where it looked at a key, a signature or a token, and found that it does not hold. */
function nobodysFor({ envId, door, outcome, why, status }: CallRecord): Shown['nobodys_for'] {
  if (envId !== undefined) return undefined
  const isUnproven =
    // A page is turned away before its signature is looked at.
    (outcome === 'SIGN_PARAM_INVALID' && why !== 'from-a-page') ||
    (door === 'cloud-run' && outcome === String(faults.unauthorised)) ||
    (door === 'v2' && outcome === 'signError') ||
    (outcome === 'TURNED_AWAY' && status === 401)
  return isUnproven ? 'credentials' : 'request'
}

export const requestView = (call: CallRecord): Shown => ({
  id: call.id,
  env_id: call.envId,
  nobodys_for: nobodysFor(call),
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
