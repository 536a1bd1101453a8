/**
 * The state machine of an order, as one table. SQL guards, refusals and tests are made of it.
 * Never: SQL of its own, clocks (time is a parameter), wire formats.
 */

/**
 * WAITING: takes the place of an attempt that may still be paid; nothing was sent of it. CREATING: sent to the channel, and
 * not known to be there; its prepay was handed to nobody. NOTPAY: ordered, unpaid. CLOSING: to be closed, or another attempt
 * took its place; its prepay is handed out no more. SUCCESS: paid. REFUND: paid, and a refund of it was accepted, whatever
 * came of that. CLOSED: unpaid for good, or paid too late (late.ts); also a number remembered as burnt.
 *
 * Callers are told NOTPAY of WAITING, CREATING and CLOSING. The first two are only where a channel has to be asked.
 */
export const orderStates = [
  'WAITING',
  'CREATING',
  'NOTPAY',
  'CLOSING',
  'SUCCESS',
  'REFUND',
  'CLOSED',
] as const
export type OrderState = (typeof orderStates)[number]

/**
 * `renew` gives an unpaid order a fresh prepay when the old one's two hours are over; `revive` does so after the
 * order's own time has run out (only where the rule profile allows it). `replace` makes it unpayable at once, for another
 * attempt to take its place. `startClose` is `close` where a channel has to be asked: from then on it is being closed.
 * `refund` reserves a part of what was paid;
 * amounts are not the table's: see accept-refund.ts.
 */
export const orderCommands = ['pay', 'close', 'renew', 'revive', 'replace', 'startClose', 'refund'] as const
export type OrderCommand = (typeof orderCommands)[number]

/** Times of the row that guards compare with, and their columns. All on the environment's clock. */
export const timeColumns = {
  closableFrom: 'closable_from',
  payableUntil: 'payable_until',
  expiresAt: 'expires_at',
  refundableUntil: 'refundable_until',
} as const
export type GuardTime = keyof typeof timeColumns

interface Guard<Refusal extends string = string> {
  readonly is: 'before' | 'from'
  readonly time: GuardTime
  readonly otherwise: Refusal
}
type Cell = { readonly to: OrderState; readonly guards: readonly Guard[] } | { readonly no: string }

const to = <Refusal extends string>(state: OrderState, ...guards: Guard<Refusal>[]) => ({ to: state, guards })
const no = <Refusal extends string>(refusal: Refusal) => ({ no: refusal })
const before = <Refusal extends string>(time: GuardTime, otherwise: Refusal): Guard<Refusal> => ({
  is: 'before',
  time,
  otherwise,
})
const from = <Refusal extends string>(time: GuardTime, otherwise: Refusal): Guard<Refusal> => ({
  is: 'from',
  time,
  otherwise,
})

/** Row: where the order is. Column: what is asked of it. A time guard is part of the cell. */
// biome-ignore format: a table is read by its columns
export const orderRules = {
  WAITING:  { pay: no('closed'), close: no('unsure'), renew: no('closed'), revive: no('closed'),
              replace: to('CLOSING'), startClose: to<never>('CLOSING'), refund: no('not-paid') },
  CREATING: { pay: no('closed'), close: no('unsure'), renew: no('closed'), revive: no('closed'),
              replace: to('CLOSING'), startClose: to<never>('CLOSING'), refund: no('not-paid') },
  NOTPAY: {
    pay:    to('SUCCESS', before('payableUntil', 'out-of-time')),
    close:  to('CLOSED', from('closableFrom', 'too-early')),
    renew:  to('NOTPAY', from('payableUntil', 'still-payable'), before('expiresAt', 'expired')),
    revive: to('NOTPAY', from('expiresAt', 'not-expired')),
    replace: to('CLOSING'),
    startClose: to('CLOSING', from('closableFrom', 'too-early')),
    refund: no('not-paid'),
  },
  CLOSING: {
    pay:    no('closed'),
    close:  to('CLOSED', from('closableFrom', 'too-early')),
    renew:  no('closed'),
    revive: no('closed'),
    replace: no('closed'),
    startClose: no('unsure'),
    refund: no('not-paid'),
  },
  SUCCESS: { pay: no('already-paid'), close: no('already-paid'), renew: no('already-paid'), revive: no('already-paid'),
             replace: no('already-paid'), startClose: no('already-paid'), refund: to('REFUND', before('refundableUntil', 'overdue')) },
  REFUND:  { pay: no('already-paid'), close: no('already-paid'), renew: no('already-paid'), revive: no('already-paid'),
             replace: no('already-paid'), startClose: no('already-paid'), refund: to('REFUND', before('refundableUntil', 'overdue')) },
  CLOSED:  { pay: no('closed'),       close: no('closed'),       renew: no('closed'),       revive: no('closed'),
             replace: no('closed'), startClose: no('closed'), refund: no('closed') },
} as const satisfies Record<OrderState, Record<OrderCommand, Cell>>

type RefusalIn<C> = C extends { no: infer R }
  ? R
  : C extends { guards: readonly Guard<infer R>[] }
    ? R
    : never
/** The reasons for which the table can refuse `Command`. */
export type RefusalOf<Command extends OrderCommand> = {
  [State in OrderState]: RefusalIn<(typeof orderRules)[State][Command]>
}[OrderState]

/** What a decision reads of an order. A remembered number has no times, and none of its cells asks for one. */
export type Guarded = { readonly state: OrderState } & Readonly<Record<GuardTime, Date | undefined>>

export type Decision<Refusal> = { readonly to: OrderState } | { readonly no: Refusal }

const holds = (guard: Guard, order: Guarded, at: Date): boolean => {
  const time = order[guard.time]
  if (time === undefined) return false
  return guard.is === 'before' ? at < time : at >= time
}

/** What `command` at `at` does to an order that stands as `order`: the same answer that the SQL guard gives. */
export function decide<Command extends OrderCommand>(
  order: Guarded,
  command: Command,
  at: Date,
): Decision<RefusalOf<Command>> {
  const cell: Cell = orderRules[order.state][command]
  // The table's own type says which reasons its cells hold; `Cell` forgets it.
  const refuse = (reason: string) => ({ no: reason as RefusalOf<Command> })
  if ('no' in cell) return refuse(cell.no)
  const broken = cell.guards.find((guard) => !holds(guard, order, at))
  return broken === undefined ? { to: cell.to } : refuse(broken.otherwise)
}

/** The state `command` leads to, the same from wherever it may start. */
export function targetOf(command: OrderCommand): OrderState {
  for (const state of orderStates) {
    const cell: Cell = orderRules[state][command]
    if ('to' in cell) return cell.to
  }
  throw new Error(`no state may be left by ${command}`)
}

/**
 * The guard of `command` as SQL over a locked row.
 * @param row alias of the row, @param at SQL expression of the time that the command is carried out
 */
export const guardSql = (command: OrderCommand, row: string, at: string): string =>
  orderStates
    .flatMap((state) => {
      const cell: Cell = orderRules[state][command]
      if ('no' in cell) return []
      const times = cell.guards.map(
        ({ is, time }) => `${at} ${is === 'before' ? '<' : '>='} ${row}.${timeColumns[time]}`,
      )
      return [`(${[`${row}.state = '${state}'`, ...times].join(' and ')})`]
    })
    .join(' or ')
