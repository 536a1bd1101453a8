/** `/sandbox/balance`: what a merchant can refund from. Without a limit until somebody sets one. */
import { z } from 'zod'
import { type BalanceChange, maxBalance, readBalance, setBalance } from '../../ledger/balances.ts'
import { orderKey } from '../../ledger/order-key.ts'
import { subMchIdAsked } from '../../protocol/api/fields.ts'
import { brokenRule } from '../../protocol/format-problem.ts'
import { env_id } from './answer.ts'
import { control } from './control.ts'

const whose = { env_id, sub_mch_id: subMchIdAsked }
const amount = z.number().int().min(0).max(maxBalance)

const shown = (envId: string, subMchId: string, balance: number | undefined) => ({
  status: 200 as const,
  body: { env_id: envId, sub_mch_id: subMchId, balance: balance ?? 'unlimited' },
})

export const showBalance = control({
  method: 'GET',
  name: 'balance',
  schema: z.strictObject(whose),
  async carryOut({ ledger }, { envId }, { sub_mch_id: subMchId }) {
    const key = orderKey(ledger, envId, subMchId, '')
    return shown(envId, subMchId, await readBalance(ledger.db, key))
  },
})

const changeSchema = z
  .strictObject({
    ...whose,
    set: amount.optional(),
    add: amount.optional(),
    unlimited: z.literal(true).optional(),
  })
  .refine(
    ({ set, add, unlimited }) => [set, add, unlimited].filter((one) => one !== undefined).length === 1,
    brokenRule(
      'set、add、unlimited 须恰好给出一个，金额以分为单位',
      'exactly one of set, add and unlimited is needed, amounts in fen',
    ),
  )

function changeOf({ set, add }: z.output<typeof changeSchema>): BalanceChange {
  if (set !== undefined) return { set }
  return add === undefined ? 'unlimited' : { add }
}

export const changeTheBalance = control({
  method: 'POST',
  name: 'balance',
  schema: changeSchema,
  async carryOut({ ledger }, { envId }, asked) {
    const { sub_mch_id: subMchId } = asked
    const key = orderKey(ledger, envId, subMchId, '')
    return shown(envId, subMchId, await setBalance(ledger.db, key, changeOf(asked)))
  },
})
