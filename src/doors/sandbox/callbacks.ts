/** `/sandbox/callbacks`: what is told, what was, and why not; sends again what shall be told once more. */
import { z } from 'zod'
import { sendAllAgain, sendOneAgain } from '../../engine/send-again.ts'
import { listDeliveries } from '../../ledger/deliveries.ts'
import type { Environment } from '../../ledger/environments.ts'
import { listNotices } from '../../ledger/list-notices.ts'
import { noticeStates } from '../../ledger/notices.ts'
import { orderKey } from '../../ledger/order-key.ts'
import { findTelling, type TellKey } from '../../ledger/tell-lane.ts'
import { mostResent } from '../../protocol/api/callbacks.ts'
import { subMchIdOrAll } from '../../protocol/api/fields.ts'
import { numeral, out_refund_no, out_trade_no } from '../../protocol/fields.ts'
import { brokenRule } from '../../protocol/format-problem.ts'
import type { DoorServices } from '../door-services.ts'
import { type Answer, env_id } from './answer.ts'
import { deliveryView, listedView, noticeView } from './callback-view.ts'
import { control } from './control.ts'

const mostListed = 200
const mostDeliveries = 100

const numbers = {
  env_id,
  sub_mch_id: subMchIdOrAll,
  out_trade_no: out_trade_no.optional(),
  out_refund_no: out_refund_no.optional(),
}

const state = z.enum(noticeStates)

type Numbers = z.output<z.ZodObject<typeof numbers>>

/** Whose notices are meant; undefined: nobody's in particular. */
function keyOf({ ledger }: DoorServices, { envId }: Environment, asked: Numbers): TellKey | undefined {
  const { sub_mch_id: subMchId, out_refund_no: refund, out_trade_no: order } = asked
  const number = refund ?? order
  if (number === undefined) return undefined
  // The door found whose it is.
  if (subMchId === undefined) throw new Error('a number without its merchant')
  const { part } = orderKey(ledger, envId, subMchId, number)
  return { subject: refund === undefined ? 'order' : 'refund', part, envId, subMchId, number }
}

const notFound = (envId: string): Answer => ({
  status: 404,
  code: 'NOT_FOUND',
  text: {
    zh: `环境 ${envId} 没有这个订单或退款；请核对 sub_mch_id、out_trade_no 或 out_refund_no`,
    en: `environment ${envId} has no such order or refund; check sub_mch_id, out_trade_no or out_refund_no`,
  },
})

/** One order's or refund's, with every attempt that is still kept. */
async function showOne(services: DoorServices, environment: Environment, key: TellKey): Promise<Answer> {
  const { ledger } = services
  const { language } = environment
  const [telling, deliveries] = await Promise.all([
    findTelling(ledger.db, key),
    listDeliveries(ledger, key, [key], mostDeliveries),
  ])
  if (telling === undefined) return notFound(environment.envId)
  return {
    status: 200,
    body: {
      env_id: environment.envId,
      notices: telling.notices.map((notice) => noticeView(notice, language)),
      attempts: deliveries.map((delivery) => deliveryView(delivery, language)),
    },
  }
}

/** Two numbers may be of two merchants. */
const namesBoth = ({
  out_trade_no: order,
  out_refund_no: refund,
}: Pick<Numbers, 'out_trade_no' | 'out_refund_no'>) => order !== undefined && refund !== undefined

const listSchema = z
  .strictObject({
    ...numbers,
    state: state.optional(),
    limit: numeral(1, mostListed).default(50),
  })
  .refine(
    (asked) => !namesBoth(asked),
    brokenRule(
      'out_trade_no 与 out_refund_no 只能给出一个',
      'out_trade_no and out_refund_no cannot both be given',
    ),
  )

export const listCallbacks = control({
  method: 'GET',
  name: 'callbacks',
  schema: listSchema,
  async carryOut(services, environment, asked) {
    const key = keyOf(services, environment, asked)
    if (key !== undefined) return showOne(services, environment, key)
    const { envId, language } = environment
    const { sub_mch_id: subMchId, limit } = asked
    const states = asked.state === undefined ? undefined : [asked.state]
    const listed = await listNotices(services.ledger, { envId, subMchId, states, limit })
    return {
      status: 200,
      body: { env_id: envId, callbacks: listed.map((one) => listedView(one, language)) },
    }
  },
})

const isState = (value: unknown): value is z.output<typeof state> => state.safeParse(value).success

const whatToResend = z.custom<true | z.output<typeof state>>(
  (value) => value === true || isState(value),
  brokenRule(
    `应为 true，或状态 ${noticeStates.join(' / ')}`,
    `must be true, or a state: ${noticeStates.join(' / ')}`,
  ),
)

const resendSchema = z
  .strictObject({ ...numbers, resend: whatToResend })
  .refine(
    ({ resend, ...asked }) =>
      !namesBoth(asked) &&
      (resend === true) === (asked.out_trade_no !== undefined || asked.out_refund_no !== undefined),
    brokenRule(
      '应为 {"out_trade_no"|"out_refund_no": …, "resend": true}，或 {"resend": "exhausted"} 重发所有处于该状态的回调，加 sub_mch_id 则只限该商户',
      'must be {"out_trade_no"|"out_refund_no": …, "resend": true}, or {"resend": "exhausted"} for all in that state, of one merchant with sub_mch_id',
    ),
  )

export const resendCallbacks = control({
  method: 'POST',
  name: 'callbacks',
  schema: resendSchema,
  async carryOut(services, environment, asked) {
    const { envId } = environment
    const key = keyOf(services, environment, asked)
    if (key === undefined) {
      const state = asked.resend === true ? 'exhausted' : asked.resend
      const resent = await sendAllAgain(
        services,
        environment,
        { state, subMchId: asked.sub_mch_id },
        mostResent,
      )
      return { status: 200, body: { env_id: envId, resent } }
    }
    const sent = await sendOneAgain(services, environment, key)
    if (sent === undefined) return notFound(envId)
    return { status: 200, body: { env_id: envId, resent: sent ? 1 : 0 } }
  },
})
