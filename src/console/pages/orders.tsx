/** All orders, the newest first; new ones appear by themselves. */
import { useRef, useState } from 'preact/hooks'
import type { ApiChange, ApiOrder, ApiOrdersPage } from '../../client/index.ts'
import { address, filterBy, linkToOrder } from '../address.ts'
import { span } from '../format.ts'
import { t } from '../language.ts'
import { timeNow, useAskAgain, useChanges } from '../live.ts'
import { useLoad } from '../load.ts'
import { Shown } from '../parts/states.tsx'
import { Money, OrderBadge, Time } from '../parts/values.tsx'
import { client } from '../session.ts'
import { orders as words } from '../texts/orders.ts'
import { shell } from '../texts/shell.ts'
import { DemoOrderButton } from './demo-order.tsx'
import { NoMatch, NoOrders } from './no-orders.tsx'
import { isFiltered, OrderFilters, stateIn } from './order-filters.tsx'

const keyOf = ({ subMchId, outTradeNo }: ApiOrder) => `${subMchId} ${outTradeNo}`

/** Whether an order that changed belongs among those that are shown. */
function belongs(order: ApiOrder, { createdAfter }: ApiOrdersPage): boolean {
  const { state, merchant } = address.value.filters
  return (
    (state === undefined || order.state === state) &&
    (merchant === undefined || order.subMchId === merchant) &&
    (createdAfter === undefined || order.createdAt >= createdAfter)
  )
}

/** The list after a change: what is there is replaced, what is new comes first. */
function changed(page: ApiOrdersPage, change: ApiChange): ApiOrdersPage {
  const news = new Map(change.orders.map((order) => [keyOf(order), order]))
  const kept = page.orders.filter((order) => !news.has(keyOf(order)))
  const orders = [...kept, ...[...news.values()].filter((order) => belongs(order, page))].sort(
    (one, other) => other.createdAt.getTime() - one.createdAt.getTime(),
  )
  return { ...page, orders }
}

/** What its time says of an unpaid order. */
function Deadline({ order: { state, payableUntil, closableFrom } }: { order: ApiOrder }) {
  if (state !== 'NOTPAY') return null
  const now = timeNow()
  if (closableFrom !== undefined && closableFrom > now)
    return <>{t(words.closableIn, { span: span(closableFrom.getTime() - now.getTime()) })}</>
  if (payableUntil !== undefined && payableUntil > now)
    return <>{t(words.payableFor, { span: span(payableUntil.getTime() - now.getTime()) })}</>
  return null
}

/** A click anywhere in the row is one on its link, unless it ends a selection; keys have the link itself. */
function followRow(event: MouseEvent): void {
  const row = event.currentTarget
  if (!(row instanceof HTMLElement) || !(event.target instanceof Element)) return
  if (event.target.closest('a') !== null || getSelection()?.isCollapsed === false) return
  const { ctrlKey, metaKey, shiftKey } = event
  row
    .querySelector('a')
    ?.dispatchEvent(new MouseEvent('click', { cancelable: true, ctrlKey, metaKey, shiftKey }))
}

const Row = ({ order, isNew }: { order: ApiOrder; isNew: boolean }) => (
  <tr class={isNew ? 'fresh' : ''} onClick={followRow}>
    <th scope="row">
      <a class="number" href={linkToOrder(order)}>
        {order.outTradeNo}
      </a>
      {order.body === undefined ? null : <span class="soft about">{order.body}</span>}
    </th>
    <td>
      <OrderBadge order={order} />
    </td>
    <td class="amount">
      {order.totalFee === undefined ? (
        <span class="soft">{t(words.noAmount)}</span>
      ) : (
        <Money fen={order.totalFee} />
      )}
    </td>
    <td class="when">
      <Time at={order.createdAt} />
    </td>
    <td class="soft deadline">
      <Deadline order={order} />
    </td>
  </tr>
)

const List = ({ orders, fresh }: { orders: readonly ApiOrder[]; fresh: ReadonlySet<string> }) => (
  <table class="list orders">
    <caption class="unseen">{t(words.list)}</caption>
    <thead>
      <tr>
        <th scope="col">{t(words.number)}</th>
        <th scope="col">{t(words.state)}</th>
        <th scope="col" class="amount">
          {t(words.amount)}
        </th>
        <th scope="col">{t(words.created)}</th>
        <th scope="col">{t(words.deadline)}</th>
      </tr>
    </thead>
    <tbody>
      {orders.map((order) => (
        <Row key={keyOf(order)} order={order} isNew={fresh.has(keyOf(order))} />
      ))}
    </tbody>
  </table>
)

/** What no number is shorter than, as far as was seen. */
let shortestNumber = Number.POSITIVE_INFINITY
const leastOfNumber = 6

function learnFrom({ orders }: ApiOrdersPage): void {
  for (const { outTradeNo } of orders) shortestNumber = Math.min(shortestNumber, outTradeNo.length)
}

/** Somebody is still typing: that nothing is found says nothing yet. */
const isUnfinished = (search: string | undefined) =>
  search !== undefined && search.length < (Number.isFinite(shortestNumber) ? shortestNumber : leastOfNumber)

export function OrdersPage() {
  const { search, state, since, merchant } = address.value.filters
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set())
  const filter = { search, states: stateIn(state), createdAfter: since, subMchId: merchant }
  /** Heard since a list was asked for, which may not have it. */
  const meanwhile = useRef<ApiChange[]>(undefined)
  const loaded = useLoad<ApiOrdersPage>(
    async (signal) => {
      meanwhile.current = []
      const page = await client.value.orders.list(filter, { signal }).page()
      learnFrom(page)
      const heard = meanwhile.current ?? []
      meanwhile.current = undefined
      return heard.reduce(changed, page)
    },
    [search, state, since, merchant],
    { keeps: true },
  )
  // Whom a search finds only the server knows.
  useAskAgain(({ orders }) => search !== undefined && orders.length > 0, loaded.again)
  useChanges((change) => {
    if (change.orders.length === 0 || search !== undefined) return
    meanwhile.current?.push(change)
    if (loaded.value === undefined) return
    const shown = new Set(loaded.value.orders.map(keyOf))
    setFresh(new Set(change.orders.map(keyOf).filter((key) => !shown.has(key))))
    loaded.put((page) => changed(page, change))
  })
  const [more, setMore] = useState(false)
  const showMore = async (cursor: string) => {
    setMore(true)
    try {
      const next = await client.value.orders.list(filter).page(cursor)
      loaded.put((page) => {
        const shown = new Set(page.orders.map(keyOf))
        return { ...next, orders: [...page.orders, ...next.orders.filter((one) => !shown.has(keyOf(one)))] }
      })
    } finally {
      setMore(false)
    }
  }
  return (
    <>
      <div class="page-head">
        <h1>{t(shell.orders)}</h1>
        <DemoOrderButton />
      </div>
      <OrderFilters />
      <Shown loaded={loaded}>
        {({ orders, nextCursor }) =>
          orders.length === 0 ? (
            isUnfinished(search) ? (
              <p class="soft" role="status">
                {t(words.wholeNumbers)}
              </p>
            ) : isFiltered() ? (
              <NoMatch
                clear={() =>
                  filterBy({ search: undefined, state: undefined, since: undefined, merchant: undefined })
                }
              />
            ) : (
              <NoOrders />
            )
          ) : (
            <>
              <List orders={orders} fresh={fresh} />
              {nextCursor === undefined ? null : (
                <button type="button" class="more" disabled={more} onClick={() => void showMore(nextCursor)}>
                  {t(shell.more)}
                </button>
              )}
            </>
          )
        }
      </Shown>
    </>
  )
}
