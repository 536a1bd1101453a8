/** One order: what it is now, what may be done, and everything that led here. */
import { useState } from 'preact/hooks'
import type { ApiOrderDetail, Proof } from '../../client/index.ts'
import { readableTime, wholeSecondFrom } from '../../protocol/beijing-time.ts'
import { linkTo } from '../address.ts'
import { runnable } from '../commands.ts'
import { yuan } from '../format.ts'
import { language, t } from '../language.ts'
import { useAskAgain } from '../live.ts'
import { useEvery, useLoad } from '../load.ts'
import { Copy } from '../parts/copy.tsx'
import { Icon } from '../parts/icons.tsx'
import { Marked } from '../parts/marked.tsx'
import { settlesAt } from '../parts/next-due.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Money, OrderBadge, Time, underWayOf } from '../parts/values.tsx'
import { client, envId, environment } from '../session.ts'
import { order as words } from '../texts/order.ts'
import { orderAsCommand, orderAsFile } from './code-examples.ts'
import { OrderActions } from './order-actions.tsx'
import { OrderCalls } from './order-calls.tsx'
import { Chain } from './order-chain.tsx'
import { Timeline } from './order-timeline.tsx'
import { Phone } from './phone.tsx'

export interface Whole {
  readonly order: ApiOrderDetail
  readonly proof: Proof
}

/** The server's words go on in the middle of a sentence. */
const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** All that comes by itself, the soonest first; refunds whose time is not known come last. */
function nextOf({ order, proof }: Whole): readonly string[] {
  const open = order.refunds.filter(({ state }) => state === 'PROCESSING')
  const settled = open.map(({ outRefundNo, refundFee }) => {
    const at = settlesAt(order, outRefundNo)
    const values = { number: outRefundNo, amount: yuan(refundFee) }
    return at === undefined
      ? { at: Number.POSITIVE_INFINITY, text: t(words.settles, values) }
      : { at: at.getTime(), text: t(words.settlesAt, { ...values, at: readableTime(wholeSecondFrom(at)) }) }
  })
  const told = proof.next.map((one) => ({ at: one.at.getTime(), text: sentence(one[language.value]) }))
  return [...told, ...settled].sort((one, other) => one.at - other.at).map(({ text }) => text)
}

/** What it is, and what to do of it: in the words of whoever knows the rules. */
function Now({ order, proof }: Whole) {
  const next = nextOf({ order, proof })
  return (
    <section class="card now" aria-labelledby="now">
      <h2 id="now" class="unseen">
        {t(words.now)}
      </h2>
      <p class="headline">
        <OrderBadge order={order} />
        {order.totalFee === undefined ? null : <Money fen={order.totalFee} />}
      </p>
      <p class="said">
        <Marked text={sentence(runnable(proof.reason[language.value]))} />
      </p>
      <p class={`verdict ${proof.safe ? 'good' : 'warn'}`}>{t(proof.safe ? words.safe : words.notSafe)}</p>
      <p class="soft">
        <Marked text={sentence(runnable(proof.advice[language.value]))} />
      </p>
      {next.length === 0 ? null : (
        <>
          <h3>{t(words.next)}</h3>
          <ul class="next">
            {next.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function Facts({ order }: { order: ApiOrderDetail }) {
  const { request } = order
  const underWay = underWayOf(order)
  const here = { demo: environment.value?.demo ?? false, envId: envId.value }
  const asFile = request === undefined ? undefined : orderAsFile(request, here)
  const arrived = order.refundedFee - underWay
  const facts: readonly (readonly [string, preact.ComponentChild])[] = [
    [t(words.body), order.body],
    [t(words.refunded), arrived <= 0 ? undefined : <Money fen={arrived} />],
    [t(words.underWay), underWay === 0 ? undefined : <Money fen={underWay} />],
    [t(words.merchant), order.subMchId],
    [t(words.type), order.tradeType],
    [t(words.payer), order.openid],
    [t(words.transaction), order.transactionId],
    [t(words.target), order.target],
    [t(words.created), <Time key="created" at={order.createdAt} />],
    [
      t(words.closableFrom),
      order.state !== 'NOTPAY' ||
      order.closableFrom === undefined ||
      order.closableFrom.getTime() === 0 ? undefined : (
        <Time key="closable" at={wholeSecondFrom(order.closableFrom)} />
      ),
    ],
    [
      t(words.payableUntil),
      order.state !== 'NOTPAY' || order.payableUntil === undefined ? undefined : (
        <Time key="payable" at={order.payableUntil} />
      ),
    ],
  ]
  return (
    <section class="card" aria-labelledby="facts">
      <h2 id="facts">{t(words.facts)}</h2>
      <dl class="facts">
        {facts.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      {request === undefined ? null : (
        <p class="row copy-as">
          <span class="soft">{t(words.copyAs)}</span>
          {asFile === undefined ? null : (
            <Copy text={asFile} label={t(words.copyAs)}>
              {t(words.sdk)}
            </Copy>
          )}
          <Copy text={orderAsCommand(request, order.subMchId, here.demo)} label={t(words.copyAs)}>
            cURL
          </Copy>
        </p>
      )}
    </section>
  )
}

function Sections({ whole, again, isFresh }: { whole: Whole; again: () => void; isFresh: boolean }) {
  const { order, proof } = whole
  const isSandbox = environment.value?.channel !== 'wechatpay'
  return (
    <div class="order-columns">
      <div class="order-lead">
        <Now order={order} proof={proof} />
        <OrderActions order={order} proof={proof} again={again} />
      </div>
      <div class="order-side">
        {isSandbox ? <Phone order={order} again={again} /> : null}
        <Facts order={order} />
      </div>
      <div class="order-rest">
        <Chain order={order} proof={proof} />
        <Timeline order={order} />
        <OrderCalls calls={order.calls} isFresh={isFresh} />
      </div>
    </div>
  )
}

/** A call is written down soon after it was answered; so long an order that has none is not given up. */
const writtenDownMs = 10_000

export function OrderPage({ subMchId, outTradeNo }: { subMchId: string; outTradeNo: string }) {
  const loaded = useLoad<Whole | 'not-found'>(
    async (signal) => {
      const [got, proved] = await Promise.all([
        client.value.orders.get(outTradeNo, { subMchId, signal }),
        client.value.prove(outTradeNo, { subMchId, signal }),
      ])
      if (got.outcome === 'not-found' || proved.outcome === 'not-found') return 'not-found'
      return { order: got.order, proof: proved.proof }
    },
    [subMchId, outTradeNo],
  )
  const { again } = loaded
  useAskAgain(
    ({ orders, callbacks, requests }) =>
      callbacks || requests || orders.some((one) => one.outTradeNo === outTradeNo),
    again,
  )
  // The server tells of its newest orders only, and what is said of one changes with the time alone.
  const [openedAt] = useState(() => performance.now())
  const isFresh = performance.now() - openedAt < writtenDownMs
  const { value } = loaded
  const waitsForCalls =
    isFresh && value !== undefined && value !== 'not-found' && value.order.calls.length === 0
  useEvery(waitsForCalls ? 1_000 : 10_000, again)
  return (
    <>
      <p class="crumb">
        <a href={linkTo('orders')}>
          <Icon name="back" />
          {t(words.back)}
        </a>
      </p>
      <div class="page-head">
        <h1 class="number">{outTradeNo}</h1>
        <Copy text={outTradeNo} label={outTradeNo} />
      </div>
      <Shown loaded={loaded}>
        {(found) =>
          found === 'not-found' ? (
            <Empty title={t(words.notFound)}>
              <p>{t(words.notFoundWhy, { merchant: subMchId, env: envId.value, number: outTradeNo })}</p>
            </Empty>
          ) : (
            <Sections whole={found} again={again} isFresh={isFresh} />
          )
        }
      </Shown>
    </>
  )
}
