/** What may be done with an order now, each with the call that it makes. */
import { useState } from 'preact/hooks'
import type { ApiOrderDetail, Proof } from '../../client/index.ts'
import { wholeSecondFrom } from '../../protocol/beijing-time.ts'
import type { Text } from '../../protocol/text.ts'
import { readAmount } from '../amount.ts'
import { calls } from '../calls.ts'
import { beijing, shortTimeFrom, span, yuan } from '../format.ts'
import { t } from '../language.ts'
import { setHeardClock, timeNow } from '../live.ts'
import { Action, Outcome, type Said, said, useActing } from '../parts/act.tsx'
import { AmountField } from '../parts/amount-field.tsx'
import { settlesAt } from '../parts/next-due.tsx'
import { client, environment } from '../session.ts'
import { order as words } from '../texts/order.ts'
import { isReplaceable, Replacing } from './order-replacing.tsx'

type Act = (doing: () => Promise<Said | undefined>) => void

interface Part {
  readonly order: ApiOrderDetail
  readonly busy: boolean
  readonly act: Act
}

async function close({ subMchId, outTradeNo }: ApiOrderDetail): Promise<Said> {
  const closed = await client.value.closeOrder(outTradeNo, { subMchId })
  switch (closed.outcome) {
    case 'closed':
    case 'already-closed':
    case 'remembered':
      return said(true, words.closed)
    case 'paid':
      return said(false, words.paid)
    case 'too-early':
      return said(false, words.tooEarly, { at: shortTimeFrom(closed.closableFrom, timeNow()) })
    case 'not-found':
      return said(false, words.notFound)
  }
}

function Closing({ order, proof, busy, act }: Part & { proof: Proof }) {
  const now = timeNow()
  const { from, allowed, whyNot } = proof.close
  const isClosable = allowed || (from !== undefined && from <= now)
  if (!isClosable && whyNot !== 'too-early') return null
  return (
    <>
      {isClosable || from === undefined ? null : (
        <p class="soft">
          {t(words.notYet, { span: span(from.getTime() - now.getTime()), at: shortTimeFrom(from, now) })}
        </p>
      )}
      <Action
        call={calls.close(order)}
        main={isClosable}
        disabled={busy}
        onClick={() => act(() => close(order))}
      >
        {t(words.close)}
      </Action>
    </>
  )
}

/** All that an order waits for, the soonest first; a time that two things share is named once. */
function goalsOf(order: ApiOrderDetail, proof: Proof): readonly (readonly [Text, Date])[] {
  const isOpen = order.state === 'NOTPAY'
  const attempts = [...order.notices, ...order.refunds.flatMap(({ notices }) => notices)]
    .flatMap(({ nextAttempt }) => (nextAttempt === undefined ? [] : [nextAttempt]))
    .sort((one, other) => one.getTime() - other.getTime())
  const settles = order.refunds
    .filter(({ state }) => state === 'PROCESSING')
    .map(({ outRefundNo }) => settlesAt(order, outRefundNo))
    .find((at) => at !== undefined)
  const goals: readonly (readonly [Text, Date | undefined])[] = [
    [words.toClosable, isOpen ? order.closableFrom : undefined],
    [words.toDeadline, isOpen ? order.payableUntil : undefined],
    [words.toClose, proof.next.find(({ what }) => what === 'close')?.at],
    [words.toCallback, attempts.find((at) => at > timeNow())],
    [words.toRefund, settles],
  ]
  const named = new Set<number>()
  return goals
    .flatMap(([text, at]): (readonly [Text, Date])[] => {
      if (at === undefined || at <= timeNow()) return []
      const second = wholeSecondFrom(at).getTime()
      if (named.has(second)) return []
      named.add(second)
      return [[text, at]]
    })
    .sort(([, one], [, other]) => one.getTime() - other.getTime())
}

function Advancing({ order, proof, busy, act }: Part & { proof: Proof }) {
  if (environment.value?.clock === 'real') return null
  const now = timeNow()
  return (
    <>
      {goalsOf(order, proof).map(([text, goal]) => {
        // A whole second: what is named is not too early.
        const at = wholeSecondFrom(goal)
        return (
          <Action
            key={text.en}
            call={calls.clock({ set: beijing(at) })}
            disabled={busy}
            onClick={() =>
              act(async () => {
                setHeardClock(await client.value.sandbox.setClock({ set: at }))
                return undefined
              })
            }
          >
            {t(text, { span: span(goal.getTime() - now.getTime()) })}
          </Action>
        )
      })}
    </>
  )
}

function Refunding({ order, busy, act }: Part) {
  const { totalFee = 0, refundedFee, refundCount, outTradeNo, subMchId } = order
  const left = totalFee - refundedFee
  const [amount, setAmount] = useState<string>()
  if ((order.state !== 'SUCCESS' && order.state !== 'REFUND') || left <= 0) return null
  const given = amount ?? yuan(left).slice(1)
  const read = readAmount(given, { most: left, tooMuch: words.refundTooMuch })
  const fen = 'fen' in read ? read.fen : undefined
  const outRefundNo = `${outTradeNo.slice(0, 56)}-R${refundCount + 1}`
  const refund = () =>
    act(async () => {
      if ('problem' in read) return { ok: false, text: read.problem }
      const came = await client.value.refund({ outTradeNo, outRefundNo, refundFee: read.fen }, { subMchId })
      setAmount(undefined)
      if (came.outcome === 'accepted') return said(true, words.refundTaken)
      if (came.outcome === 'not-found') return said(false, words.notFound)
      return said(false, words.refundRefused, { why: came.message })
    })
  return (
    <div class="refunding">
      <AmountField
        label={t(words.refundAmount)}
        value={given}
        read={read}
        change={setAmount}
        hint={t(words.refundLeft, { most: yuan(left) })}
      />
      <Action
        call={fen === undefined ? undefined : calls.refund(order, outRefundNo, fen)}
        disabled={busy || fen === undefined}
        onClick={refund}
      >
        {t(words.refund)}
      </Action>
    </div>
  )
}

function Resending({ order, busy, act }: Part) {
  const { subMchId, outTradeNo, notices, refunds } = order
  const resend = (which: { outTradeNo: string } | { outRefundNo: string }) =>
    act(async () => {
      const came = await client.value.callbacks.resend(which, { subMchId })
      return came.outcome === 'resent' ? said(true, words.resent) : said(false, words.notFound)
    })
  const isOpen = ({ state }: { state: string }) => state !== 'delivered'
  const told = refunds.filter((refund) => refund.notices.some(isOpen))
  return (
    <>
      {notices.length === 0 ? null : (
        <Action
          call={calls.resend(order)}
          main={notices.some(isOpen)}
          disabled={busy}
          onClick={() => resend({ outTradeNo })}
        >
          {t(words.resend)}
        </Action>
      )}
      {told.map(({ outRefundNo }) => (
        <Action
          key={outRefundNo}
          call={calls.resendRefund(subMchId, outRefundNo)}
          disabled={busy}
          onClick={() => resend({ outRefundNo })}
        >
          {`${t(words.resend)} · ${outRefundNo}`}
        </Action>
      ))}
    </>
  )
}

function Deciding({ order, busy, act }: Part) {
  const { late, outTradeNo, subMchId } = order
  if (late === undefined || late.decision !== undefined) return null
  const decide = (decision: 'refund' | 'adopt') =>
    act(async () => {
      const came = await client.value.decideLate(outTradeNo, decision, { subMchId })
      switch (came.outcome) {
        case 'decided':
          return said(true, words.decided)
        case 'purchase-paid':
          return said(false, words.purchasePaid, { paid: came.paid })
        default:
          return said(false, words.notDecided)
      }
    })
  return (
    <>
      <p>{t(words.late)}</p>
      <Action call={calls.late(order, 'refund')} main disabled={busy} onClick={() => decide('refund')}>
        {t(words.lateRefund)}
      </Action>
      <Action call={calls.late(order, 'adopt')} disabled={busy} onClick={() => decide('adopt')}>
        {t(words.lateAdopt)}
      </Action>
    </>
  )
}

/** Whether anything at all is left: a closed order that nobody paid is over. */
const isOver = ({ state, notices, late }: ApiOrderDetail) =>
  state === 'CLOSED' && notices.length === 0 && (late === undefined || late.decision !== undefined)

export function OrderActions({
  order,
  proof,
  again,
}: {
  order: ApiOrderDetail
  proof: Proof
  again: () => void
}) {
  const { busy, outcome, act } = useActing()
  const part: Part = { order, busy, act: (doing) => void act(doing).then(again) }
  return (
    <section class="card actions" aria-labelledby="can">
      <h2 id="can">{t(words.can)}</h2>
      {isOver(order) && !isReplaceable(order) ? <p class="soft">{t(words.nothing)}</p> : null}
      <Deciding {...part} />
      <Closing {...part} proof={proof} />
      <Replacing order={order} />
      <Advancing {...part} proof={proof} />
      <Resending {...part} />
      <Refunding {...part} />
      <Outcome outcome={outcome} />
    </section>
  )
}
