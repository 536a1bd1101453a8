/** `POST /api/orders/create`: unifiedOrder for programs that are no cloud functions, in typed words. */
import { z } from 'zod'
import type { CamelKeys } from '../camel-keys.ts'
import type { orderFields } from '../unified-order.ts'
import type { DeepCamel } from './deep-keys.ts'
import { env_id, envIdAsked, out_trade_no, sub_mch_id, subMchIdAsked } from './fields.ts'
import { problem } from './problem.ts'

/** The parameters of unifiedOrder under their wire names; what they mean is said there, and checked by what reads them. */
export const createOrder = z
  .looseObject({
    env_id: envIdAsked,
    sub_mch_id: subMchIdAsked,
    out_trade_no,
    target_env_id: env_id
      .optional()
      .meta({ description: 'Whose function or container is called back; left out: `env_id`.' }),
  })
  .meta({
    description:
      'The parameters of CloudPay.unifiedOrder in snake_case, `replaces` among them. Left out may be `spbill_create_ip`, and `function_name`, which is `payCallback` then; `notify_url` in its place is called back as v2 does.',
  })

export const createdAnswer = z
  .object({
    outcome: z.literal('created'),
    env_id,
    sub_mch_id,
    out_trade_no,
    prepay_id: z.string(),
    trade_type: z.string(),
    code_url: z.string().optional(),
    mweb_url: z.string().optional(),
    payment: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'What wx.requestPayment takes.' }),
  })
  .meta({ id: 'Created' })

export const notCreatedAnswer = z
  .discriminatedUnion('outcome', [
    problem
      .extend({ outcome: z.literal('paid') })
      .meta({ description: 'The order, or the purchase, is paid.' }),
    problem.extend({ outcome: z.literal('closed') }),
    problem.extend({ outcome: z.literal('refused') }),
  ])
  .meta({ id: 'NotCreated' })

type Created = DeepCamel<Omit<z.output<typeof createdAnswer>, 'payment'>>

/** What came of ordering. */
export type CreateResult =
  | (Created & { readonly payment?: Readonly<Record<string, string>> | undefined })
  /** `code` as unifiedOrder answers it, `message` with its reason. */
  | { readonly outcome: 'paid' | 'closed' | 'refused'; readonly code: string; readonly message: string }

type Wire = z.input<z.ZodObject<typeof orderFields>>

/** unifiedOrder's parameters, camelCase; what names nobody has a default. Who is called back: a function, or an address as v2 does. */
export type CreateAsked = CamelKeys<Omit<Wire, 'sub_mch_id' | 'spbill_create_ip'>> & {
  readonly spbillCreateIp?: string | undefined
  readonly targetEnvId?: string | undefined
  readonly functionName?: string | undefined
  readonly notifyUrl?: string | undefined
}
