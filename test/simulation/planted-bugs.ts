/**
 * Bugs, planted one at a time into statements on their way to the database: what the simulation is there to find. A bug whose
 * text is not met any more fails its test: then the statement has changed, and the bug must be planted anew.
 */
import type { Channel } from '../../src/channels/channel.ts'

interface PlantedBug {
  readonly name: string
  /** Whether a statement is the one. */
  readonly in: RegExp
  readonly from: string | RegExp
  readonly to: string
  /** Of a rare one: the history that found it when it was planted. It is tried first. */
  readonly seed?: number
}

const pay = /^update orders o\s+set state = 'SUCCESS'/
const callerCloses = /^update orders o\s+set state = 'CLOSED', closed_at = h\.at/
const engineCloses = /^update orders o\s+set state = 'CLOSED', closed_at = \$3/
const givesWay = /^update orders o\s+set state = case when/
const reserves =
  /^update orders o\s+set state = case when o\.state = 'CLOSED' then o\.state else 'REFUND' end/
const frees = /^update orders o\s+set refunded_fee = o\.refunded_fee -/
const settles = /^update refunds r\s+set state = \$5/

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'a payment does not ask for the time',
    in: pay,
    from: 'asked.at < held.payable_until',
    to: 'true',
  },
  {
    name: 'a payment does not ask for the state',
    in: pay,
    from: "held.state = 'NOTPAY'",
    to: 'true',
  },
  {
    name: 'a payment does not ask whether its prepay was replaced',
    in: pay,
    from: 'asked.prepay_id = held.prepay_id',
    to: 'true',
  },
  {
    name: 'a payment leaves its order due',
    in: pay,
    from: 'due_at = null, ',
    to: '',
  },
  {
    name: 'a payment forgets its notice',
    in: pay,
    from: "o.notices || coalesce(h.notice, '[]')",
    to: 'o.notices',
  },
  {
    name: 'a close does not ask for the five minutes',
    in: callerCloses,
    from: /held\.state = '(NOTPAY|CLOSING)' and asked\.at >= held\.closable_from/g,
    to: "held.state = '$1'",
  },
  {
    name: 'a close does not ask for the state',
    in: callerCloses,
    from: "held.state = 'NOTPAY'",
    to: 'true',
  },
  {
    name: 'the engine closes what is not due yet',
    in: engineCloses,
    from: 'x.due_at <= $3',
    to: 'x.due_at is not null',
  },
  {
    name: 'the engine does not write that it closed',
    in: engineCloses,
    from: /history = o\.history \|\| jsonb_build_object\([\s\S]*?'\)\)/,
    to: 'history = o.history',
  },
  {
    name: 'an order whose place is taken stays payable',
    in: givesWay,
    from: /state = case when [\s\S]*?else o\.state end/,
    to: 'state = o.state',
  },
  {
    name: 'an order whose place is taken is never looked at again',
    in: givesWay,
    from: /due_at = case when [\s\S]*? else o\.due_at end/,
    to: 'due_at = null',
  },
  {
    name: 'an order forgets who took its place',
    in: givesWay,
    from: 'replaced_by = $7, ',
    to: '',
  },
  {
    name: 'a refund reserves nothing',
    in: reserves,
    from: 'refunded_fee = o.refunded_fee + $5',
    to: 'refunded_fee = o.refunded_fee + 0 * $5',
  },
  {
    name: 'a refund that was closed keeps its reserve',
    in: frees,
    from: 'refunded_fee = o.refunded_fee - $5',
    to: 'refunded_fee = o.refunded_fee - 0 * $5',
  },
  {
    name: 'a refund is settled whatever it is',
    in: settles,
    from: 'r.state = any($13)',
    to: '($13::text[] is not null)',
  },
]

const settlesAsked = /^update orders o\s+set state = \$5, due_at = case/

/** Of a channel that has to be asked: in statements, as above. */
export const plantedInAsking: readonly PlantedBug[] = [
  {
    name: 'a result is written whoever holds the order by then',
    in: settlesAsked,
    from: '($24::uuid is null or o.claim = $24) and o.seq = $25',
    to: '(($24::uuid is null or true) and $25::int is not null)',
  },
  {
    name: 'a paid purchase leaves its other attempts open',
    in: /^update orders o\s+set state = 'CLOSING', close_why = 'purchase_paid'/,
    from: "o.state in ('WAITING', 'CREATING', 'NOTPAY')",
    to: 'false',
  },
  {
    name: 'a closed order is watched no more',
    in: settlesAsked,
    from: 'else $6::timestamptz end,',
    to: "when $5 = 'CLOSED' and $8::jsonb is null then null else $6::timestamptz end,",
  },
  {
    name: 'a late payment is never looked at again',
    seed: 52,
    in: /^update orders o\s+set late = o\.late/,
    from: 'due_at = $6',
    to: 'due_at = case when $6::timestamptz is null then null end',
  },
  {
    name: 'a payment that was found forgets its notice',
    in: settlesAsked,
    from: "coalesce($18::jsonb, '[]')",
    to: "case when $18::jsonb is null then '[]' else '[]'::jsonb end",
  },
  {
    name: 'nobody asks which attempt was paid',
    seed: 9,
    in: /^select o\.out_trade_no, o\.state from orders o/,
    from: 'o.purchase = $4',
    to: 'o.purchase = $4 and false',
  },
]

export interface TamperedChannel {
  readonly name: string
  readonly tamper: (channel: Channel) => Channel
  readonly seed?: PlantedBug['seed']
}

/** What would come of believing a channel too much. */
export const tamperedChannels: readonly TamperedChannel[] = [
  {
    name: 'a refund is sent under a new number each time',
    seed: 19,
    tamper(channel) {
      let sent = 0
      return {
        ...channel,
        refund: (refund) => channel.refund({ ...refund, outRefundNo: `${refund.outRefundNo}-${++sent}` }),
      }
    },
  },
]

/** @returns statements with the bug in them, and whether one was met */
export function plant({ in: where, from, to }: PlantedBug) {
  let met = false
  return {
    met: () => met,
    rewrite(sql: string): string {
      if (!where.test(sql.trim())) return sql
      const planted = sql.replace(from, to)
      if (planted !== sql) met = true
      return planted
    },
  }
}
