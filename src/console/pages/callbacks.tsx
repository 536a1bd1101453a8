/** What has not been delivered, why, and what to do; sent again one by one or all together. */
import { useState } from 'preact/hooks'
import type { ApiTold, ResendAsked } from '../../client/index.ts'
import { noticeStates } from '../../protocol/api/notices.ts'
import { address, filterBy, linkTo, linkToOrder } from '../address.ts'
import { calls } from '../calls.ts'
import { t } from '../language.ts'
import { useAskAgain } from '../live.ts'
import { useLoad } from '../load.ts'
import { Action, MakesCall, Outcome, type Said, said, useActing } from '../parts/act.tsx'
import { attemptSaid } from '../parts/next-due.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { NoticeBadge, Time } from '../parts/values.tsx'
import { client } from '../session.ts'
import { callbacks as words } from '../texts/callbacks.ts'
import { order as orderWords } from '../texts/order.ts'
import { shell } from '../texts/shell.ts'
import { noticeStateWords } from '../texts/states.ts'
import { OpenNotice } from './order-timeline.tsx'

const undelivered = noticeStates.filter((state) => state !== 'delivered')

/** What is shown: one state, or all that is not delivered. */
const statesAsked = (): readonly (typeof noticeStates)[number][] => {
  const { state } = address.value.filters
  return noticeStates.filter((one) => (state === undefined ? one !== 'delivered' : one === state))
}

function Choice() {
  const { state } = address.value.filters
  const choices = [undefined, ...noticeStates] as const
  return (
    <fieldset class="choice tabs">
      <legend class="unseen">{t(words.states)}</legend>
      {choices.map((one) => (
        <label key={one ?? 'open'}>
          <input
            type="radio"
            name="state"
            checked={state === one}
            onChange={() => filterBy({ state: one })}
          />
          <span>{t(one === undefined ? words.open : noticeStateWords[one])}</span>
        </label>
      ))}
    </fieldset>
  )
}

function One({ callback, busy, resend }: { callback: ApiTold; busy: boolean; resend: () => void }) {
  const { subject, outTradeNo, outRefundNo, subMchId, target, state, notices, noticedAt } = callback
  const open = notices.filter((notice) => notice.state !== 'delivered')
  const call = outRefundNo === undefined ? calls.resend(callback) : calls.resendRefund(subMchId, outRefundNo)
  return (
    <li class="card callback">
      <div class="callback-head">
        <h2>
          <a class="number" href={linkToOrder(callback)}>
            {outRefundNo ?? outTradeNo}
          </a>
        </h2>
        <span class="soft">
          {t(subject === 'refund' ? words.kindRefunded : words.kindPaid)} · <Time at={noticedAt} />
        </span>
        {open.length === 0 ? <NoticeBadge state={state} /> : null}
      </div>
      {target === undefined ? null : (
        <p class="soft">
          {t(words.target)} <span class="number">{target}</span>
        </p>
      )}
      {open.map((notice) => (
        <OpenNotice key={`${notice.kind} ${notice.since.getTime()}`} notice={notice} target={target} />
      ))}
      <div class="row">
        <button type="button" class={open.length === 0 ? '' : 'main'} disabled={busy} onClick={resend}>
          {t(words.resend)}
          <span class="unseen"> {outRefundNo ?? outTradeNo}</span>
        </button>
        <MakesCall call={call} />
      </div>
    </li>
  )
}

function ResendAll({
  found,
  busy,
  resend,
}: {
  found: readonly ApiTold[]
  busy: boolean
  resend: (state: ApiTold['state']) => void
}) {
  const states = undelivered.filter(
    (state) => state !== 'pending' && found.some((one) => one.state === state),
  )
  return (
    <>
      {states.map((state) => (
        <Action key={state} call={calls.resendAll(state)} disabled={busy} onClick={() => resend(state)}>
          {t(words.resendAll, { state: t(noticeStateWords[state]) })}
        </Action>
      ))}
    </>
  )
}

/** How often, and how long, is looked for what came of one that was sent again. */
const [lookEveryMs, looks] = [500, 16]

/** The newest attempt to tell of it. */
async function lastAttempt({ outTradeNo, outRefundNo, subMchId }: ApiTold) {
  const got = await client.value.orders.get(outTradeNo, { subMchId })
  const number = outRefundNo ?? outTradeNo
  return got.outcome === 'found' ? got.order.attempts.find((one) => one.number === number) : undefined
}

/** @returns undefined: it is not known in time. What goes wrong in looking says nothing of the callback. */
async function whatCameOf(callback: ApiTold, before: string | undefined): Promise<Said | undefined> {
  for (let look = 0; look < looks; look++) {
    await new Promise((done) => setTimeout(done, lookEveryMs))
    const attempt = await lastAttempt(callback).catch(() => undefined)
    if (attempt !== undefined && attempt.id !== before) return attemptSaid(attempt)
  }
  return undefined
}

const Nothing = () =>
  address.value.filters.state === undefined ? (
    <Empty title={t(words.emptyTitle)}>
      <p>{t(words.emptyWhy)}</p>
      <p>
        <a href={linkTo('orders')}>{t(words.toOrders)}</a>
      </p>
    </Empty>
  ) : (
    <Empty title={t(words.noneTitle)} />
  )

/** Of one filter: with another begins what came of the last button anew. */
function List() {
  const { state } = address.value.filters
  const [pages, setPages] = useState(1)
  const loaded = useLoad(async () => {
    const list = client.value.callbacks.list({ states: statesAsked() })
    let page = await list.page()
    let callbacks = page.callbacks
    for (let read = 1; read < pages && page.nextCursor !== undefined; read++) {
      page = await list.page(page.nextCursor)
      callbacks = [...callbacks, ...page.callbacks]
    }
    return { callbacks, nextCursor: page.nextCursor }
  }, [state, pages])
  const { again } = loaded
  useAskAgain(({ callbacks }) => callbacks, again)
  const { busy, outcome, act, tellMore } = useActing()
  const resendAll = (which: ResendAsked) =>
    void act(async () => {
      const came = await client.value.callbacks.resend(which)
      return came.outcome === 'resent'
        ? said(true, words.resent, { n: came.count })
        : said(false, orderWords.notFound)
    }).then(again)
  const resendOne = (callback: ApiTold) =>
    void act(async () => {
      const { outTradeNo, outRefundNo, subMchId } = callback
      const before = await lastAttempt(callback)
      const which = outRefundNo === undefined ? { outTradeNo } : { outRefundNo }
      const came = await client.value.callbacks.resend(which, { subMchId })
      if (came.outcome !== 'resent') return said(false, orderWords.notFound)
      const sent = said(true, words.resentOne, { number: outRefundNo ?? outTradeNo })
      void whatCameOf(callback, before?.id).then((more) => {
        if (more !== undefined) tellMore(sent, more)
      })
      return sent
    }).then(again)
  return (
    <Shown loaded={loaded}>
      {({ callbacks, nextCursor }) => (
        <>
          <ResendAll found={callbacks} busy={busy} resend={(which) => resendAll({ state: which })} />
          <Outcome outcome={outcome} />
          {callbacks.length === 0 ? (
            <Nothing />
          ) : (
            <ul class="cards" aria-label={t(words.list)}>
              {callbacks.map((callback) => {
                const { outTradeNo, outRefundNo, subMchId } = callback
                return (
                  <One
                    key={`${subMchId} ${outRefundNo ?? ''} ${outTradeNo}`}
                    callback={callback}
                    busy={busy}
                    resend={() => resendOne(callback)}
                  />
                )
              })}
            </ul>
          )}
          {nextCursor === undefined ? null : (
            <button type="button" class="more" onClick={() => setPages(pages + 1)}>
              {t(shell.more)}
            </button>
          )}
        </>
      )}
    </Shown>
  )
}

export const CallbacksPage = () => (
  <>
    <div class="page-head">
      <h1>{t(shell.callbacks)}</h1>
    </div>
    <p class="soft">{t(words.intro)}</p>
    <Choice />
    <List key={address.value.filters.state ?? ''} />
  </>
)
