/** Amounts, times, numbers and states, the same wherever they stand. */
import type { ApiOrder, ApiRefund } from '../../client/index.ts'
import { readableTime } from '../../protocol/beijing-time.ts'
import { shortTime, yuan } from '../format.ts'
import { t } from '../language.ts'
import { timeNow } from '../live.ts'
import { environment } from '../session.ts'
import { shell } from '../texts/shell.ts'
import {
  fullyRefunded,
  noticeStateWords,
  ofRefunds,
  orderStateWords,
  outOfTime,
  paidTooLate,
  partlyRefunded,
  refundStateWords,
  refundStuck,
  refundUnderWay,
} from '../texts/states.ts'

export const Money = ({ fen }: { fen: number }) => (
  <span class="money" title={t(shell.fen, { n: fen })}>
    {yuan(fen)}
  </span>
)

/** Whether the environment's clock is another than the real one: then it is said which a time is of. */
export const isSandboxTime = () => environment.value?.clock !== 'real'

/** Beijing time, of the environment's clock. @param real of the real one */
export const Time = ({ at, real = false }: { at: Date; real?: boolean }) => {
  const clock = isSandboxTime() ? ` · ${t(real ? shell.realTime : shell.sandboxTime)}` : ''
  return (
    <time class="time" dateTime={at.toISOString()} title={`${readableTime(at)} ${t(shell.beijing)}${clock}`}>
      {shortTime(at, timeNow())}
    </time>
  )
}

/** Which colour stands beside the word. */
type Tone = 'open' | 'good' | 'quiet' | 'warn' | 'bad' | 'back'

export const Badge = ({ tone, title, children }: { tone: Tone; title?: string; children: string }) => (
  <span class={`badge ${tone}`} title={title}>
    {children}
  </span>
)

const orderTones: Readonly<Record<ApiOrder['state'], Tone>> = {
  WAITING: 'warn',
  CREATING: 'warn',
  NOTPAY: 'open',
  CLOSING: 'warn',
  SUCCESS: 'good',
  REFUND: 'back',
  CLOSED: 'quiet',
}

type Stateful = Pick<ApiOrder, 'state'> &
  Partial<Pick<ApiOrder, 'payableUntil' | 'refundedFee' | 'totalFee'>> & {
    readonly late?: object | undefined
    /** Where they are known: an order counts an amount as refunded from when its refund was accepted. */
    readonly refunds?: readonly Pick<ApiRefund, 'state' | 'refundFee'>[]
  }

/** What is to be returned and is not there yet, of the amount that an order counts as refunded. */
export const underWayOf = ({ refunds = [] }: Pick<Stateful, 'refunds'>): number =>
  refunds
    .filter(({ state }) => state === 'PROCESSING' || state === 'CHANGE')
    .reduce((sum, { refundFee }) => sum + refundFee, 0)

function RefundedBadge({ order }: { order: Stateful }) {
  const { refundedFee = 0, totalFee = 0, refunds } = order
  if (refunds === undefined && refundedFee > 0)
    return <Badge tone="back">{t(refundedFee < totalFee ? ofRefunds.part : ofRefunds.whole)}</Badge>
  const arrived = refundedFee - underWayOf(order)
  if (refundedFee > 0 && arrived <= 0)
    return refunds?.some(({ state }) => state === 'CHANGE') ? (
      <Badge tone="bad">{t(refundStuck)}</Badge>
    ) : (
      <Badge tone="open">{t(refundUnderWay)}</Badge>
    )
  const isKnown = refundedFee > 0 && totalFee > 0
  const word = arrived < totalFee ? partlyRefunded : fullyRefunded
  return <Badge tone="back">{t(isKnown ? word : orderStateWords.REFUND)}</Badge>
}

export function OrderBadge({ order }: { order: Stateful }) {
  const { state, payableUntil, late } = order
  if (late !== undefined && state === 'CLOSED') return <Badge tone="bad">{t(paidTooLate)}</Badge>
  if (state === 'NOTPAY' && payableUntil !== undefined && payableUntil <= timeNow())
    return <Badge tone="warn">{t(outOfTime)}</Badge>
  if (state === 'REFUND') return <RefundedBadge order={order} />
  return <Badge tone={orderTones[state]}>{t(orderStateWords[state])}</Badge>
}

const noticeTones: Readonly<Record<string, Tone>> = {
  pending: 'open',
  failing: 'warn',
  exhausted: 'bad',
  undeliverable: 'bad',
  delivered: 'good',
}

/** Words of a later server are shown as they came. */
const worded = (words: Readonly<Record<string, Readonly<Record<'zh' | 'en', string>>>>, state: string) => {
  const known = words[state]
  return known === undefined ? state : t(known)
}

export const NoticeBadge = ({ state }: { state: string }) => (
  <Badge tone={noticeTones[state] ?? 'quiet'}>{worded(noticeStateWords, state)}</Badge>
)

const refundTones: Readonly<Record<string, Tone>> = {
  PROCESSING: 'open',
  SUCCESS: 'back',
  CHANGE: 'bad',
  REFUNDCLOSE: 'quiet',
}

export const RefundBadge = ({ state }: { state: string }) => (
  <Badge tone={refundTones[state] ?? 'quiet'}>{worded(refundStateWords, state)}</Badge>
)
