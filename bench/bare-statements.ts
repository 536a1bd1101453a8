/**
 * What the ledger's commands would be without a batcher: one straightforward statement a command, with the same effect
 * on the same rows and the same columns in its answer. Owns the SQL; drivers run it.
 */
import type { Create } from '../src/ledger/create-order.ts'
import type { Asked } from '../src/ledger/held-rows.ts'
import { orderColumns } from '../src/ledger/order.ts'
import type { OrderKey } from '../src/ledger/order-key.ts'
import { snakeKeys } from '../src/protocol/camel-keys.ts'

export interface BareStatement {
  /** Under which it is prepared. */
  readonly name: string
  readonly sql: string
  readonly values: readonly unknown[]
}

const keyOf = ({ part, envId, subMchId, outTradeNo }: OrderKey) => [part, envId, subMchId, outTradeNo]
const byKey = 'o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4'
const eventOf = (event: string, at: Date) => ({ event, at: at.toISOString() })

const createSql = `
  insert into orders as o (part, env_id, sub_mch_id, out_trade_no, state, seq, command_id, created_at, history, notices,
    clock, request, total_fee, prepay_id, target_env_id, target_function,
    closable_from, payable_until, expires_at, due_at)
  values ($1, $2, $3, $4, 'NOTPAY', 1, $5, $6, jsonb_build_array($7::jsonb), '[]',
    $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)
  on conflict do nothing
  returning ${orderColumns('o')}`

const closeSql = `
  update orders o
  set state = 'CLOSED', closed_at = $6, due_at = null, lease_until = null, claim = null,
      command_id = $5, seq = o.seq + 1, history = o.history || $7::jsonb
  where ${byKey} and o.state = 'NOTPAY' and $6 >= o.closable_from
  returning ${orderColumns('o')}`

const findSql = `select ${orderColumns('o')} from orders o where ${byKey}`

export const bareCreate = (asked: Create): BareStatement => ({
  name: 'bare-create',
  sql: createSql,
  values: [
    ...keyOf(asked),
    asked.commandId,
    asked.at,
    eventOf('ordered', asked.at),
    asked.clock,
    snakeKeys(asked.request),
    asked.request.totalFee,
    asked.prepayId,
    asked.request.envId ?? null,
    asked.request.functionName ?? null,
    asked.closableFrom,
    asked.payableUntil,
    asked.expiresAt,
  ],
})

export const bareClose = (asked: Asked): BareStatement => ({
  name: 'bare-close',
  sql: closeSql,
  values: [...keyOf(asked), asked.commandId, asked.at, eventOf('closed', asked.at)],
})

export const bareFind = (asked: OrderKey): BareStatement => ({
  name: 'bare-find',
  sql: findSql,
  values: keyOf(asked),
})
