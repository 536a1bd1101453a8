/** One order: what it is now, what may be done, and everything that led here. */
import { useState } from 'preact/hooks'
import type { ApiOrderDetail, Proof } from '../../client/index.ts'
import { wholeSecondFrom } from '../../protocol/beijing-time.ts'
import { linkTo } from '../address.ts'
import { orderAsCurl, orderAsSdk } from '../calls.ts'
import { runnable } from '../commands.ts'
import { language, t } from '../language.ts'
import { useAskAgain } from '../live.ts'
import { useEvery, useLoad } from '../load.ts'
import { Copy } from '../parts/copy.tsx'
import { Icon } from '../parts/icons.tsx'
import { Marked } from '../parts/marked.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Money, OrderBadge, Time } from '../parts/values.tsx'
import { client, envId, environment } from '../session.ts'
import { order as words } from '../texts/order.ts'
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

/** What it is, and what to do of it: in the words of whoever knows the rules. */
function Now({ order, proof }: Whole) {
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
      {proof.next.length === 0 ? null : (
        <>
          <h3>{t(words.next)}</h3>
          <ul class="next">
            {proof.next.map((one) => (
              <li key={`${one.what} ${one.at.getTime()}`}>{sentence(one[language.value])}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function Facts({ order }: { order: ApiOrderDetail }) {
  const { request } = order
  const facts: readonly (readonly [string, preact.ComponentChild])[] = [
    [t(words.body), order.body],
    [t(words.refunded), order.refundedFee === 0 ? undefined : <Money fen={order.refundedFee} />],
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
          <Copy text={orderAsSdk(request)} label={t(words.copyAs)}>
            {t(words.sdk)}
          </Copy>
          <Copy text={orderAsCurl(request)} label={t(words.copyAs)}>
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
