/** `POST /api/callbacks/resend`: tells again what was not heard. */
import { z } from 'zod'
import { sendAllAgain, sendOneAgain } from '../../engine/send-again.ts'
import { orderKey } from '../../ledger/order-key.ts'
import { mostResent, resentAnswer, resendCallbacks as schema } from '../../protocol/api/callbacks.ts'
import { notFoundAnswer } from '../../protocol/api/close.ts'
import { problem } from '../../protocol/api/problem.ts'
import type { Answer } from '../sandbox/answer.ts'
import { route, shown } from './route.ts'

const notFound = (envId: string, number: string): Answer => ({
  status: 404,
  code: 'NOT_FOUND',
  text: {
    zh: `环境 ${envId} 没有订单或退款 ${number}；请核对编号、sub_mch_id 和 env_id`,
    en: `environment ${envId} has no order or refund ${number}; check the number, sub_mch_id and env_id`,
  },
  more: { outcome: 'not-found' },
})

const resent = (count: number): Answer => ({
  status: 200,
  body: shown(resentAnswer, { outcome: 'resent', count }),
})

export const resendTheCallbacks = route({
  method: 'POST',
  path: '/api/callbacks/resend',
  name: 'resendCallbacks',
  about:
    'Tells again: of one order or refund what was not acknowledged, or, where all was, the last notice once more; or of all that stand so, of one merchant where it is named.',
  schema,
  answers: { 200: resentAnswer, 400: problem, 404: z.union([notFoundAnswer, problem]) },
  async carryOut(services, environment, asked) {
    const { envId } = environment
    const { sub_mch_id: subMchId, out_trade_no: order, out_refund_no: refund, state } = asked
    if (state !== undefined)
      return resent(await sendAllAgain(services, environment, { state, subMchId }, mostResent))
    // A number was given: the door found whose it is.
    if (subMchId === undefined) throw new Error('a number without its merchant')
    const number = refund ?? order ?? ''
    const { part } = orderKey(services.ledger, envId, subMchId, number)
    const subject = refund === undefined ? 'order' : 'refund'
    const sent = await sendOneAgain(services, environment, { subject, part, envId, subMchId, number })
    return sent === undefined ? notFound(envId, number) : resent(sent ? 1 : 0)
  },
})
