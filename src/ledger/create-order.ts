/** Creates orders, and gives an unpaid one a fresh prepay. */
import type { MadeAs } from '../protocol/answer.ts'
import { snakeKeys } from '../protocol/camel-keys.ts'
import type { UnifiedOrderRequest } from '../protocol/unified-order.ts'
import type { Asking } from './asking.ts'
import { carryOut } from './carry-out.ts'
import type { Closing, PayableTimes } from './deadlines.ts'
import { type Asked, heldParams, heldRows } from './held-rows.ts'
import type { Ledger } from './ledger.ts'
import { type AskedFault, faultsText, tellTarget } from './notices.ts'
import { historyCap, type Order, orderColumns, overOrders } from './order.ts'

/** A prepay, and the times that come with it (deadlines.ts). */
export interface Prepay extends PayableTimes {
  readonly prepayId: string
}

export interface Create extends Asked, PayableTimes, Closing {
  /** Undefined: the channel hands it out, later. */
  readonly prepayId: string | undefined
  /** NOTPAY; where the channel has to be asked: not yet. */
  readonly state?: 'NOTPAY' | 'WAITING' | 'CREATING'
  readonly asking?: Asking
  /** Which clock the order's times are on: `real`, or the env_id of a test clock. */
  readonly clock: string
  readonly request: UnifiedOrderRequest
  readonly closableFrom: Date
  /** Of which it is an attempt, by the number of the first; undefined: it stands alone. */
  readonly purchase?: string
  readonly madeAs: MadeAs
  /** Asked for with the order, of its notices. */
  readonly faults: readonly AskedFault[]
}

/** One that waits for another is nobody's to look at before its own time is over; one that the channel is asked for is at once. */
const dueAtOf = ({ state, at, closeAt, expiresAt }: Create) => {
  if (state === 'WAITING') return closeAt ?? expiresAt
  return state === 'CREATING' ? at : closeAt
}

/** Creates orders whose number is free: one statement. `at` becomes `created_at`. */
export const createOrders = overOrders<Create>('create', (db, part, batch) =>
  db.rows(
    `insert into orders as o (part, env_id, sub_mch_id, out_trade_no, state, seq, command_id, created_at, history, notices,
         clock, request, total_fee, prepay_id, target_env_id, target_function,
         closable_from, payable_until, expires_at, due_at, close_why, made_as, tell_target, faults, purchase, asking)
       select p.part, u.env_id, u.sub_mch_id, u.out_trade_no, u.state, 1, u.command_id, u.at, jsonb_build_array(u.event), '[]',
         u.clock, u.request, u.total_fee, u.prepay_id, u.target_env_id, u.target_function,
         u.closable_from, u.payable_until, u.expires_at, u.due_at, u.close_why, u.made_as, u.tell_target, u.faults, u.purchase, u.asking
       from parts p, unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[], $7::jsonb[],
           $8::text[], $9::jsonb[], $10::bigint[], $11::text[], $12::text[], $13::text[],
           $14::timestamptz[], $15::timestamptz[], $16::timestamptz[], $17::jsonb[], $18::text[], $19::jsonb[],
           $20::timestamptz[], $21::text[], $22::text[], $23::text[], $24::jsonb[])
         as u(env_id, sub_mch_id, out_trade_no, command_id, at, event,
           clock, request, total_fee, prepay_id, target_env_id, target_function,
           closable_from, payable_until, expires_at, made_as, tell_target, faults, due_at, close_why, purchase, state, asking)
       where p.part = $1
       on conflict do nothing
       returning ${orderColumns('o')}`,
    [
      ...heldParams(part, batch, 'ordered'),
      batch.map((row) => row.clock),
      batch.map((row) => JSON.stringify(snakeKeys(row.request))),
      batch.map((row) => row.request.totalFee),
      batch.map((row) => row.prepayId ?? null),
      batch.map((row) => row.request.envId ?? null),
      batch.map((row) => row.request.functionName ?? null),
      batch.map((row) => row.closableFrom),
      batch.map((row) => row.payableUntil),
      batch.map((row) => row.expiresAt),
      batch.map((row) => JSON.stringify(row.madeAs)),
      batch.map((row) => tellTarget(row.request)),
      batch.map((row) => faultsText(row.faults)),
      batch.map((row) => dueAtOf(row) ?? null),
      batch.map((row) => row.closeWhy ?? null),
      batch.map((row) => row.purchase ?? null),
      batch.map((row) => row.state ?? 'NOTPAY'),
      batch.map((row) => (row.asking === undefined ? null : JSON.stringify(row.asking))),
    ],
  ),
)

/**
 * @returns undefined when the number exists already, whoever holds it
 * @throws LedgerUnavailable nothing is known; the same call is safe
 */
export const createOrder = (ledger: Ledger, asked: Create): Promise<Order | undefined> =>
  ledger.batcher.send(createOrders, asked)

export interface Renew extends Asked, Prepay {
  /** `renew`: the prepay's two hours are over. `revive`: the order's own time is over as well. */
  readonly kind: 'renew' | 'revive'
  /** Of a revived order; a fresh prepay changes nothing about it. */
  readonly closing?: Closing
}

const renewPrepays = (kind: Renew['kind'], event: string) =>
  overOrders<Renew>(kind, (db, part, batch) =>
    db.rows(
      `update orders o
         set prepay_id = h.prepay_id, payable_until = h.payable_until, expires_at = h.expires_at,
             due_at = case when h.anew then h.due_at else o.due_at end,
             close_why = case when h.anew then h.close_why else o.close_why end,
             lease_until = null, claim = null, command_id = h.command_id, seq = o.seq + 1,
             history = case when jsonb_array_length(o.history) < ${historyCap} then o.history || h.event else o.history end
         from (${heldRows(kind, {
           prepay_id: 'text',
           payable_until: 'timestamptz',
           expires_at: 'timestamptz',
           anew: 'boolean',
           due_at: 'timestamptz',
           close_why: 'text',
         })}) h
         where o.part = $1 and o.ctid = h.tid
         returning ${orderColumns('o')}`,
      [
        ...heldParams(part, batch, event),
        batch.map((row) => row.prepayId),
        batch.map((row) => row.payableUntil),
        batch.map((row) => row.expiresAt),
        batch.map((row) => row.closing !== undefined),
        batch.map((row) => row.closing?.closeAt ?? null),
        batch.map((row) => row.closing?.closeWhy ?? null),
      ],
    ),
  )

export const freshPrepays = {
  renew: renewPrepays('renew', 'renewed'),
  revive: renewPrepays('revive', 'revived'),
} as const

/** @throws LedgerUnavailable nothing is known; the same call is safe */
export const renewPrepay = (ledger: Ledger, asked: Renew) =>
  carryOut(ledger, { kind: asked.kind, asked, statement: freshPrepays[asked.kind] })
