/** `POST /sandbox/refund`: decides a refund that is under way, or finishes one by hand as a merchant does in its console. */
import { z } from 'zod'
import { settle } from '../../engine/settle-refunds.ts'
import { environmentTime } from '../../ledger/clocks.ts'
import { orderKey } from '../../ledger/order-key.ts'
import { findRefund } from '../../ledger/refund.ts'
import { refundResults } from '../../ledger/refund-rules.ts'
import { subMchIdAsked } from '../../protocol/api/fields.ts'
import { out_refund_no } from '../../protocol/fields.ts'
import { type Answer, env_id } from './answer.ts'
import { control } from './control.ts'

const notFound = (envId: string): Answer => ({
  status: 404,
  code: 'REFUND_NOT_FOUND',
  text: {
    zh: `环境 ${envId} 没有这笔退款；请核对 sub_mch_id 与 out_refund_no`,
    en: `environment ${envId} has no such refund; check sub_mch_id and out_refund_no`,
  },
})

export const settleTheRefund = control({
  method: 'POST',
  name: 'refund',
  schema: z.strictObject({
    env_id,
    sub_mch_id: subMchIdAsked,
    out_refund_no,
    result: z.enum(refundResults),
  }),
  async carryOut(services, environment, asked) {
    const { ledger, world, engine } = services
    const { envId } = environment
    const { part } = orderKey(ledger, envId, asked.sub_mch_id, '')
    const key = { part, envId, subMchId: asked.sub_mch_id, outRefundNo: asked.out_refund_no }
    const found = await findRefund(ledger.db, key)
    if (found === undefined) return notFound(envId)
    const at = await environmentTime(ledger, environment, world.wallClock())
    const settled = await settle(services, part, found, asked.result, at)
    if ('moved' in settled) {
      engine.nudge()
      return {
        status: 200,
        body: { env_id: envId, out_refund_no: asked.out_refund_no, status: settled.moved.state },
      }
    }
    if (settled.refused === 'not-found') return notFound(envId)
    const { state } = settled.refund
    return {
      status: 409,
      code: 'SETTLED',
      text: { zh: `这笔退款已是 ${state}，不能再变`, en: `the refund is ${state} already, and stays so` },
    }
  },
})
