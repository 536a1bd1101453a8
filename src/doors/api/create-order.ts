/** `POST /api/orders/create`: unifiedOrder for programs that are no cloud functions; the same call as at every door. */
import { z } from 'zod'
import type { Environment } from '../../ledger/environments.ts'
import { cloudPay, type Dialect, type WireAnswer } from '../../protocol/answer.ts'
import { createdAnswer, notCreatedAnswer, createOrder as schema } from '../../protocol/api/create.ts'
import { problem } from '../../protocol/api/problem.ts'
import { readV2UnifiedOrder } from '../../protocol/v2/unified-order.ts'
import { cloudPayReads } from '../cloudpay-reads.ts'
import { payMethods } from '../pay-methods.ts'
import type { Answer } from '../sandbox/answer.ts'
import { route, shown } from './route.ts'

type Asked = z.output<typeof schema>

/** Who made it says nothing of the payer's address: a program of the merchant's own. */
const somewhere = '127.0.0.1'

/** As unifiedOrder takes it: `env_id` names the tenant here, and the callback's target there. */
function bodyOf({ env_id: _, target_env_id, ...asked }: Asked, envId: string, payer: string | undefined) {
  const body = { spbill_create_ip: somewhere, ...asked }
  if (!('notify_url' in asked)) {
    const named = 'function_name' in asked || 'container' in asked
    return { env_id: target_env_id ?? envId, ...(named ? {} : { function_name: 'payCallback' }), ...body }
  }
  const { total_fee: fee, trade_type: type = 'JSAPI', openid, sub_openid }: Record<string, unknown> = body
  // v2 asks for these, CloudPay does not: whoever leaves them out has nothing to say there.
  const product = type === 'NATIVE' ? { product_id: asked.out_trade_no } : {}
  const scene = type === 'MWEB' ? { scene_info: '{}' } : {}
  const names = openid !== undefined || sub_openid !== undefined || type !== 'JSAPI' || payer === undefined
  return {
    ...product,
    ...scene,
    ...body,
    trade_type: type,
    // A text, as everything is in XML.
    total_fee: typeof fee === 'number' ? String(fee) : fee,
    ...(names ? {} : { openid: payer }),
  }
}

const textAt = (answer: WireAnswer, name: string) => {
  const value = answer[name]
  return typeof value === 'string' ? value : undefined
}

const outcomes: Readonly<Record<string, 'paid' | 'closed'>> = {
  paid: 'paid',
  'purchase-paid': 'paid',
  closed: 'closed',
  expired: 'closed',
}

function refused(answer: WireAnswer, outcome: string, why: string | undefined): Answer {
  const text = why ?? ''
  if (outcome === 'unknown')
    return { status: 503, code: textAt(answer, 'err_code') ?? 'SYSTEMERROR', text: { zh: text, en: text } }
  return {
    status: 409,
    code: textAt(answer, 'err_code') ?? 'PARAM_ERROR',
    // In the environment's language already.
    text: { zh: text, en: text },
    more: { outcome: outcomes[outcome] ?? 'refused' },
  }
}

function created({ envId }: Environment, asked: Asked, answer: WireAnswer): Answer {
  const payment = z.record(z.string(), z.string()).safeParse(answer.payment)
  return {
    status: 200,
    body: shown(createdAnswer, {
      outcome: 'created',
      env_id: envId,
      sub_mch_id: asked.sub_mch_id,
      out_trade_no: asked.out_trade_no,
      prepay_id: textAt(answer, 'prepay_id') ?? '',
      trade_type: textAt(answer, 'trade_type') ?? '',
      code_url: textAt(answer, 'code_url'),
      mweb_url: textAt(answer, 'mweb_url'),
      payment: payment.success ? payment.data : undefined,
    }),
  }
}

export const createTheOrder = route({
  method: 'POST',
  path: '/api/orders/create',
  name: 'createOrder',
  makes: true,
  about:
    'Makes an order, or hands the same one out again; with `replaces`, in the place of an earlier attempt at the same purchase. Faults strike it as they strike a shop’s own call. After any trouble the same call is safe.',
  schema,
  answers: { 200: createdAnswer, 400: problem, 409: notCreatedAnswer },
  async carryOut(services, environment, asked, { id, spoil }) {
    const unifiedOrder = payMethods.get('unifiedOrder')
    if (unifiedOrder === undefined) throw new Error('there is no unifiedOrder')
    const payer = environment.defaultOpenid
    const asV2: Dialect = { wire: 'v2', account: environment.provider, direct: false, signType: 'MD5' }
    const { answer, facts, transport } = await unifiedOrder({
      services,
      caller: { environment, appid: undefined, payer },
      body: bodyOf(asked, environment.envId, payer),
      reads: {
        ...cloudPayReads(payer !== undefined),
        ...('notify_url' in asked ? { unifiedOrder: (body) => readV2UnifiedOrder(body, false) } : {}),
      },
      dialect: 'notify_url' in asked ? asV2 : cloudPay(environment.provider),
      faultHeader: undefined,
      id,
    })
    spoil(transport)
    return facts.outcome === 'prepaid'
      ? created(environment, asked, answer)
      : refused(answer, facts.outcome, facts.why)
  },
})
