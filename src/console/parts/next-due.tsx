/** What the engine has to do next on the environment's clock, in words; and what came of it once the clock was there. */
import type { ApiClock, ApiOrderDetail } from '../../client/index.ts'
import { readableTime, wholeSecondFrom } from '../../protocol/beijing-time.ts'
import { runnable } from '../commands.ts'
import { shortTimeFrom } from '../format.ts'
import { language, t } from '../language.ts'
import { clockNow } from '../live.ts'
import { client } from '../session.ts'
import { nextDue as words } from '../texts/sandbox-bar.ts'
import { orderStateWords, refundStateWords } from '../texts/states.ts'
import type { Said } from './act.tsx'

type Next = NonNullable<ApiClock['next']>

const numberOf = ({ outTradeNo, outRefundNo }: Next) => outRefundNo ?? outTradeNo

/** When what comes of a refund is known: of the refund alone that is next of all, for no other's time is told. */
export function settlesAt(
  { subMchId, outTradeNo }: { readonly subMchId: string; readonly outTradeNo: string },
  outRefundNo: string,
): Date | undefined {
  const next = clockNow()?.next
  const isIt =
    next?.what === 'settle' &&
    next.subMchId === subMchId &&
    next.outTradeNo === outTradeNo &&
    next.outRefundNo === outRefundNo
  return isIt ? next.at : undefined
}

const dayLength = '2026-01-01'.length

/** Of the same day, the time alone. */
function atText(at: Date, now: Date): string {
  const [text, present] = [readableTime(wholeSecondFrom(at)), readableTime(now)]
  return text.slice(0, dayLength) === present.slice(0, dayLength)
    ? text.slice(dayLength + 1)
    : shortTimeFrom(at, now)
}

/** `14:05:00 order TEA-0001 closes` */
export const nextText = (next: Next, now: Date): string =>
  t(words.when, {
    at: atText(next.at, now),
    what: t(words[next.what], { number: numberOf(next) }),
  })

/** In the bar, where there is room for a line. */
export function NextLine() {
  const clock = clockNow()
  if (clock === undefined || clock.mode === 'real') return null
  const text =
    clock.next === undefined ? t(words.nothing) : t(words.next, { next: nextText(clock.next, clock.now) })
  return (
    <span class="clock-next" title={text}>
      {text}
    </span>
  )
}

/** What came of an attempt to tell. */
export const attemptSaid = ({ number, outcome, why }: ApiOrderDetail['attempts'][number]): Said =>
  outcome === 'acknowledged'
    ? { ok: true, text: t(words.acknowledged, { number }) }
    : { ok: false, text: t(words.notTold, { number, why: runnable(why?.[language.value] ?? outcome) }) }

function cameOf(next: Next, order: ApiOrderDetail): Said {
  const number = numberOf(next)
  if (next.what === 'tell') {
    const [attempt] = order.attempts.filter(({ number: told }) => told === number)
    return attempt === undefined ? { ok: true, text: t(words.done, { number }) } : attemptSaid(attempt)
  }
  const refund = order.refunds.find(({ outRefundNo }) => outRefundNo === next.outRefundNo)
  if (refund !== undefined) {
    const known = Object.entries(refundStateWords).find(([state]) => state === refund.state)?.[1]
    return {
      ok: true,
      text: t(words.isNow, { number, state: known === undefined ? refund.state : t(known) }),
    }
  }
  return { ok: true, text: t(words.isNow, { number, state: t(orderStateWords[order.state]) }) }
}

/** @param next what was due, before the clock went there */
export async function whatCame(next: Next, clock: ApiClock): Promise<Said> {
  const at = atText(next.at, clock.now)
  const { outTradeNo, subMchId } = next
  const found = await client.value.orders.get(outTradeNo, { subMchId })
  if (found.outcome === 'not-found') return { ok: true, text: at }
  const { ok, text } = cameOf(next, found.order)
  return { ok, text: `${at} · ${text}` }
}
