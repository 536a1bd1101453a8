/** The payer's phone beside the order: which of its pages is shown; the password page, and the result. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiOrderDetail, PayResult } from '../../client/index.ts'
import { calls } from '../calls.ts'
import { runnable } from '../commands.ts'
import { yuan } from '../format.ts'
import { t } from '../language.ts'
import { MakesCall } from '../parts/act.tsx'
import { Marked } from '../parts/marked.tsx'
import { messageOf } from '../parts/states.tsx'
import { client, isTurnedAway } from '../session.ts'
import { order as orderWords } from '../texts/order.ts'
import { pay as words } from '../texts/pay.ts'
import { Bill, Cashier, Over } from './cashier.tsx'

type How = 'pay' | 'cancel' | 'fail'

type Screen =
  | { readonly screen: 'cashier' }
  | { readonly screen: 'password' }
  | { readonly screen: 'waiting' }
  | { readonly screen: 'over'; readonly how: How; readonly note?: string }
  | { readonly screen: 'refused'; readonly why: string }

/** What the phone shows of what came of it. */
function screenAfter(came: PayResult): Screen {
  switch (came.outcome) {
    case 'paid':
      return { screen: 'over', how: 'pay' }
    case 'paid-late':
      return { screen: 'over', how: 'pay', note: runnable(came.note) }
    case 'cancelled':
      return { screen: 'over', how: 'cancel' }
    case 'failed':
      return { screen: 'over', how: 'fail' }
    case 'waiting':
      return { screen: 'waiting' }
    case 'refused':
      return { screen: 'refused', why: runnable(came.message) }
    case 'not-found':
      return { screen: 'refused', why: t(orderWords.notFound) }
  }
}

type Then = 'pay' | 'cancel' | 'fail' | 'wait'
const thens: readonly Then[] = ['pay', 'cancel', 'fail', 'wait']
/** Who waits already does not wait again. */
const thensOn = (screen: Screen['screen']) => thens.filter((then) => then !== 'wait' || screen !== 'waiting')

/** In the words that `wx.requestPayment` hands to the mini program. */
const heard = {
  pay: 'requestPayment:ok',
  cancel: 'requestPayment:fail cancel',
  fail: 'requestPayment:fail',
} as const

/** The order cannot be paid whatever the phone shows. */
function standing({
  state,
  replacedBy,
}: ApiOrderDetail): 'open' | 'paid' | 'replaced' | 'closing' | 'closed' {
  if (state === 'SUCCESS' || state === 'REFUND') return 'paid'
  if (replacedBy !== undefined) return 'replaced'
  if (state === 'CLOSED') return 'closed'
  return state === 'CLOSING' ? 'closing' : 'open'
}

/** What was pressed is gone: the keyboard goes on from what stands in its place. */
const focusOnce = (element: HTMLElement | null) => element?.focus({ preventScroll: true })

function Password({
  order,
  busy,
  waiting,
  choose,
}: {
  order: ApiOrderDetail
  busy: boolean
  waiting: boolean
  choose: (then: Then) => void
}) {
  const first = useRef<HTMLButtonElement>(null)
  // Whoever came here by keyboard goes on from here; while it is busy nothing can have the focus.
  useEffect(() => {
    if (!busy) first.current?.focus()
  }, [busy, waiting])
  return (
    <>
      <p class="screen-title">{t(words.password)}</p>
      <Bill order={order} />
      <p class="password" aria-hidden="true">
        {[0, 1, 2, 3, 4, 5].map((place) => (
          <span key={place} />
        ))}
      </p>
      <p class="hint" role="status">
        {t(waiting ? words.waiting : words.then)}
      </p>
      <div class="thens">
        {thensOn(waiting ? 'waiting' : 'password').map((then) => (
          <button
            key={then}
            type="button"
            class={then === 'pay' ? 'pay' : ''}
            disabled={busy}
            {...(then === 'pay' ? { ref: first } : {})}
            onClick={() => choose(then)}
          >
            {t(words[then])}
          </button>
        ))}
      </div>
    </>
  )
}

function Result({
  order,
  how,
  note,
  again,
}: {
  order: ApiOrderDetail
  how: How
  note: string | undefined
  again: () => void
}) {
  const text = { pay: words.paid, cancel: words.cancelled, fail: words.failed }[how]
  return (
    <>
      <p
        class={`result ${how === 'pay' ? 'good' : ''}`}
        role="status"
        {...(how === 'pay' ? { ref: focusOnce, tabIndex: -1 } : {})}
      >
        {how === 'pay' ? <span aria-hidden="true">✓ </span> : null}
        {t(text)}
      </p>
      {how === 'pay' ? <p class="bill-amount">{yuan(order.totalFee ?? 0)}</p> : null}
      {note === undefined ? null : (
        <p class="hint">
          <Marked text={note} />
        </p>
      )}
      <p class="hint">
        {t(words.shopHears)}
        <br />
        <code>{heard[how]}</code>
      </p>
      {how === 'pay' ? null : (
        <button type="button" class="pay" ref={focusOnce} onClick={again}>
          {t(words.again)}
        </button>
      )}
    </>
  )
}

/** What each of its buttons sends; paying is what is sent where none is said. */
function Calls({
  order,
  openid,
  screen,
}: {
  order: ApiOrderDetail
  openid: string | undefined
  screen: Screen['screen']
}) {
  const who = openid === undefined ? {} : { openid }
  const callOf = (then: Then) => calls.pay(order, then === 'pay' ? who : { ...who, then })
  if (screen !== 'password' && screen !== 'waiting') return <MakesCall call={callOf('pay')} />
  return (
    <dl class="phone-calls" aria-label={t(words.calls)}>
      {thensOn(screen).map((then) => (
        <div key={then}>
          <dt>{t(words[then])}</dt>
          <dd>
            <MakesCall call={callOf(then)} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

export function Phone({ order, again }: { order: ApiOrderDetail; again: () => void }) {
  const [screen, setScreen] = useState<Screen>({ screen: 'cashier' })
  const [openid, setOpenid] = useState<string>()
  const [busy, setBusy] = useState(false)
  const stands = standing(order)

  const choose = async (then: Then) => {
    setBusy(true)
    try {
      const { outTradeNo, subMchId } = order
      setScreen(screenAfter(await client.value.sandbox.pay(outTradeNo, { openid, then, subMchId })))
    } catch (error) {
      if (!isTurnedAway(error)) setScreen({ screen: 'refused', why: messageOf(error) })
    } finally {
      setBusy(false)
      again()
    }
  }

  const shown = () => {
    if (screen.screen === 'over')
      return (
        <Result
          order={order}
          how={screen.how}
          note={screen.note}
          again={() => setScreen({ screen: 'password' })}
        />
      )
    if (stands === 'paid')
      return (
        <>
          <p class="result good">
            <span aria-hidden="true">✓ </span>
            {t(words.alreadyPaid)}
          </p>
          <p class="bill-amount">{yuan(order.totalFee ?? 0)}</p>
        </>
      )
    switch (screen.screen) {
      case 'refused':
        return (
          <>
            <p class="result bad" role="alert">
              {t(words.refused)}
            </p>
            <p class="hint">
              <Marked text={screen.why} />
            </p>
            <button type="button" ref={focusOnce} onClick={() => setScreen({ screen: 'cashier' })}>
              {t(words.done)}
            </button>
          </>
        )
      case 'password':
      case 'waiting':
        return (
          <Password
            order={order}
            busy={busy}
            waiting={screen.screen === 'waiting'}
            choose={(then) => void choose(then)}
          />
        )
      default:
        return stands !== 'open' ? (
          <Over order={order} />
        ) : (
          <Cashier
            order={order}
            openid={openid}
            choose={setOpenid}
            next={() => setScreen({ screen: 'password' })}
          />
        )
    }
  }
  return (
    <section class="phone" aria-label={t(words.phone)}>
      <div class="screen">
        <h2>{t(words.cashier)}</h2>
        {shown()}
        <p class="sandbox-note">{t(words.sandbox)}</p>
      </div>
      {stands === 'open' ? <Calls order={order} openid={openid} screen={screen.screen} /> : null}
    </section>
  )
}
