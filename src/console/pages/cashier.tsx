/** The first page of the payer's phone: what is to be paid, by whom; or why nobody can pay it. */
import { encode } from 'uqr'
import type { ApiOrderDetail } from '../../client/index.ts'
import type { Text } from '../../protocol/text.ts'
import { linkToOrder } from '../address.ts'
import { yuan } from '../format.ts'
import { t } from '../language.ts'
import { timeNow } from '../live.ts'
import { Marked } from '../parts/marked.tsx'
import { Time } from '../parts/values.tsx'
import { cameToNothing, pay as words } from '../texts/pay.ts'
import { Payers } from './payers.tsx'

/** What a NATIVE order's code holds, as a picture. */
function QrCode({ text }: { text: string }) {
  const { data, size } = encode(text, { border: 1 })
  const path = data.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t(words.code)}>
      <path d={path} />
    </svg>
  )
}

/** Whether nothing but this machine can open it. */
function isLoopback(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

const OnlyHere = ({ url }: { url: string }) => (
  <p class="hint">
    <Marked text={t(words.loopback, { port: new URL(url).port || '8688' })} />{' '}
    <a href={url} target="_blank" rel="noreferrer">
      {t(words.openHere)}
    </a>
  </p>
)

/** What is sold, and for how much. */
export function Bill({ order }: { order: ApiOrderDetail }) {
  return (
    <>
      <p class="bill-body">{order.body}</p>
      <p class="bill-amount">{yuan(order.totalFee ?? 0)}</p>
    </>
  )
}

/** Paid after it was closed: as long as that money is not back, nobody is to pay once more. */
function lateText({ late }: ApiOrderDetail): Text | undefined {
  if (late === undefined || late.returnedAt !== undefined) return undefined
  return late.decision === undefined ? words.lateAsks : words.lateReturns
}

/** What the phone shows of an order that nobody can pay. */
export function Over({ order }: { order: ApiOrderDetail }) {
  const { replacedBy, subMchId } = order
  const late = lateText(order)
  if (late !== undefined) return <p class="result">{t(late)}</p>
  if (replacedBy === undefined)
    return <p class="result">{t(order.state === 'CLOSING' ? words.closing : words.closed)}</p>
  return (
    <>
      <p class="result">{t(words.replaced)}</p>
      <p class="hint">
        {t(words.replacedBy)}{' '}
        <a class="number" href={linkToOrder({ subMchId, outTradeNo: replacedBy })}>
          {replacedBy}
        </a>
      </p>
    </>
  )
}

/** The last payer who did not pay: of that nothing else is kept. */
function LastTime({ calls: logged }: Pick<ApiOrderDetail, 'calls'>) {
  const last = logged.find(({ method }) => method === 'pay' || method === 'request-payment')
  const text = last === undefined ? undefined : cameToNothing[last.outcome]
  return last === undefined || text === undefined ? null : (
    <p class="hint last-time">
      {t(words.lastTime, { what: t(text) })} <Time at={last.at} real />
    </p>
  )
}

/** The first page: what is paid, by whom. */
export function Cashier({
  order,
  openid,
  choose,
  next,
}: {
  order: ApiOrderDetail
  openid: string | undefined
  choose: (openid: string) => void
  next: () => void
}) {
  const isOver = order.payableUntil !== undefined && order.payableUntil <= timeNow()
  return (
    <>
      <Bill order={order} />
      {order.codeUrl === undefined ? null : (
        <>
          <QrCode text={order.codeUrl} />
          {isLoopback(order.codeUrl) ? <OnlyHere url={order.codeUrl} /> : <p class="hint">{t(words.scan)}</p>}
        </>
      )}
      <Payers openid={openid} choose={choose} />
      <LastTime calls={order.calls} />
      <button type="button" class="pay" disabled={isOver} onClick={next}>
        {t(words.payNow)}
      </button>
      {isOver ? <p class="hint">{t(words.outOfTime)}</p> : null}
      {order.mwebUrl === undefined ? null : (
        <p class="hint">
          <a href={order.mwebUrl} target="_blank" rel="noreferrer">
            {t(words.openH5)}
          </a>
        </p>
      )}
    </>
  )
}
