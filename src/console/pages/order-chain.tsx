/** The purchase that an order belongs to, drawn as a chain of its attempts. */
import type { ApiOrderDetail, Proof } from '../../client/index.ts'
import { linkToOrder } from '../address.ts'
import { t } from '../language.ts'
import { OrderBadge, Time } from '../parts/values.tsx'
import { order as words } from '../texts/order.ts'
import { holdsWords } from '../texts/states.ts'

export function Chain({ order, proof }: { order: ApiOrderDetail; proof: Proof }) {
  const { purchase } = proof
  return (
    <section class="card" aria-labelledby="purchase">
      <h2 id="purchase">{t(words.purchase)}</h2>
      {purchase === undefined ? (
        <>
          <p class="soft">{t(words.alone)}</p>
          {order.state === 'NOTPAY' ? <p class="soft">{t(words.replaceIt)}</p> : null}
        </>
      ) : (
        <ol class="chain" aria-label={t(words.chain)}>
          {purchase.attempts.map((attempt) => {
            const isThis = attempt.outTradeNo === order.outTradeNo
            return (
              <li key={attempt.outTradeNo} class={isThis ? 'this' : ''}>
                {isThis ? (
                  <span class="number">
                    {attempt.outTradeNo} <small>{t(words.thisOne)}</small>
                  </span>
                ) : (
                  <a
                    class="number"
                    href={linkToOrder({ subMchId: order.subMchId, outTradeNo: attempt.outTradeNo })}
                  >
                    {attempt.outTradeNo}
                  </a>
                )}
                <OrderBadge order={isThis ? order : attempt} />
                <span class="soft">{t(holdsWords[attempt.holds])}</span>
                <span class="soft">
                  <Time at={attempt.paidAt ?? attempt.closedAt ?? attempt.createdAt} />
                </span>
              </li>
            )
          })}
        </ol>
      )}
    </section>
  )
}
