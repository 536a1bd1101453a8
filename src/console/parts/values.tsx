/** Amounts, times, numbers and states, the same wherever they stand. */
import type { ApiOrder } from '../../client/index.ts'
import { readableTime } from '../../protocol/beijing-time.ts'
import { shortTime, yuan } from '../format.ts'
import { t } from '../language.ts'
import { timeNow } from '../live.ts'
import { environment } from '../session.ts'
import { shell } from '../texts/shell.ts'
import {
  noticeStateWords,
  orderStateWords,
  outOfTime,
  paidTooLate,
  partlyRefunded,
  refundStateWords,
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

export const Badge = ({ tone, children }: { tone: Tone; children: string }) => (
  <span class={`badge ${tone}`}>{children}</span>
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
  }

export function OrderBadge({ order }: { order: Stateful }) {
  const { state, payableUntil, refundedFee = 0, totalFee = 0, late } = order
  if (late !== undefined && state === 'CLOSED') return <Badge tone="bad">{t(paidTooLate)}</Badge>
  if (state === 'NOTPAY' && payableUntil !== undefined && payableUntil <= timeNow())
    return <Badge tone="warn">{t(outOfTime)}</Badge>
  if (state === 'REFUND' && refundedFee > 0 && refundedFee < totalFee)
    return <Badge tone="back">{t(partlyRefunded)}</Badge>
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
