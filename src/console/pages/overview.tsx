/** How it goes: what needs a person first, then payments, closes, lateness and callbacks over time. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ApiOverview } from '../../client/index.ts'
import type { Text } from '../../protocol/text.ts'
import { address, filterBy, linkTo, linkToOrder } from '../address.ts'
import { t } from '../language.ts'
import { useEvery, useLoad } from '../load.ts'
import { Shown } from '../parts/states.tsx'
import { Money, NoticeBadge } from '../parts/values.tsx'
import { client } from '../session.ts'
import { whyWords } from '../texts/order.ts'
import { overview as words } from '../texts/overview.ts'
import { shell } from '../texts/shell.ts'
import type { Series } from './chart.tsx'

type Bucket = ApiOverview['buckets'][number]

const periods = [
  ['1', words.hour],
  [undefined, words.day],
  ['168', words.week],
] as const

/** The chart library comes with the first chart, not with the first page. */
type ChartPart = typeof import('./chart.tsx').Chart

function useChart(): ChartPart | undefined {
  const [part, setPart] = useState<ChartPart>()
  useEffect(() => {
    void import('./chart.tsx').then(({ Chart }) => setPart(() => Chart))
  }, [])
  return part
}

const sum = (buckets: readonly Bucket[], of: (bucket: Bucket) => number) =>
  buckets.reduce((total, bucket) => total + of(bucket), 0)

const Figure = ({ text, note, children }: { text: Text; note?: string; children: ComponentChildren }) => (
  <div class="figure">
    <dt>{t(text)}</dt>
    <dd>
      {children}
      {note === undefined ? null : <small class="soft"> {note}</small>}
    </dd>
  </div>
)

function Alarms({ late, untold }: Pick<ApiOverview, 'late' | 'untold'>) {
  const open = (['exhausted', 'undeliverable', 'failing'] as const).filter((state) => untold[state] > 0)
  const isQuiet = late.length === 0 && open.length === 0
  return (
    <section class={`card alarms ${isQuiet ? '' : 'on'}`} aria-labelledby="alarms">
      <h2 id="alarms">{t(words.alarms)}</h2>
      {isQuiet ? <p class="soft">{t(words.noAlarms)}</p> : null}
      {late.length === 0 ? null : (
        <>
          <h3>{t(words.lateTitle)}</h3>
          <p class="soft">{t(words.lateWhy)}</p>
          <ul class="plain-list">
            {late.map((order) => (
              <li key={`${order.subMchId} ${order.outTradeNo}`} class="row">
                <a class="number" href={linkToOrder(order)}>
                  {order.outTradeNo}
                </a>
                <Money fen={order.late.fee} />
                <span class="soft">{order.body}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {open.length === 0 ? null : (
        <>
          <h3>{t(words.untold)}</h3>
          <ul class="plain-list row">
            {open.map((state) => (
              <li key={state}>
                <a class="count" href={linkTo('callbacks', [], { state })}>
                  <NoticeBadge state={state} /> <b>{untold[state]}</b>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

const nothing: Omit<Bucket, 'at'> = {
  ordered: 0,
  paid: 0,
  paidFee: 0,
  paidLate: 0,
  refunded: 0,
  closed: {},
  callbacksOk: 0,
  callbacksFailed: 0,
  notices: 0,
  noticesTold: 0,
}

/** Times in which nothing happened are left out by the server, and belong into a picture. */
function withQuietOnes(buckets: readonly Bucket[], from: Date, bucketMs: number): Bucket[] {
  const there = new Map(buckets.map((bucket) => [Math.floor(bucket.at.getTime() / bucketMs), bucket]))
  const first = Math.floor(from.getTime() / bucketMs)
  const count = Math.floor(Date.now() / bucketMs) - first + 1
  return Array.from({ length: count }, (_, place) => {
    const at = first + place
    return there.get(at) ?? { ...nothing, at: new Date(at * bucketMs) }
  })
}

/** Reasons that there are, the most frequent first. */
const reasonsIn = (buckets: readonly Bucket[]) => {
  const reasons = [...new Set(buckets.flatMap(({ closed }) => Object.keys(closed)))]
  const count = (reason: string) => sum(buckets, ({ closed }) => closed[reason] ?? 0)
  return reasons.filter((reason) => count(reason) > 0).sort((one, other) => count(other) - count(one))
}

const reasonText = (reason: string) => {
  const known = whyWords[reason.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]
  return known === undefined ? reason : t(known)
}

const seconds = (ms: number | undefined) => (ms === undefined ? null : ms / 1_000)

const secondsText = (ms: number) =>
  t(words.seconds, { n: ms >= 10_000 ? Math.round(ms / 1_000) : Number((ms / 1_000).toPrecision(2)) })

/** Over the whole period; an hour in which many were closed weighs more. */
function lateness(buckets: readonly Bucket[]): { average: string; most: string } | undefined {
  const counted = buckets.flatMap(({ closed, lateMsAvg, lateMsMax }) =>
    lateMsAvg === undefined || lateMsMax === undefined
      ? []
      : [
          {
            average: lateMsAvg,
            most: lateMsMax,
            count: Object.values(closed).reduce((all, n) => all + n, 0),
          },
        ],
  )
  const count = counted.reduce((all, one) => all + one.count, 0)
  if (count === 0) return undefined
  return {
    average: secondsText(counted.reduce((all, one) => all + one.average * one.count, 0) / count),
    most: secondsText(Math.max(...counted.map(({ most }) => most))),
  }
}

function Charts({ buckets }: { buckets: readonly Bucket[] }) {
  const Chart = useChart()
  if (Chart === undefined)
    return (
      <p class="loading" role="status">
        {t(shell.loading)}
      </p>
    )
  const at = buckets.map((bucket) => bucket.at)
  const late = lateness(buckets)
  const of = (label: string, colour: Series['colour'], value: (bucket: Bucket) => number | null): Series => ({
    label,
    colour,
    values: buckets.map(value),
  })
  const counted = (label: string, colour: Series['colour'], value: (bucket: Bucket) => number): Series => ({
    ...of(label, colour, value),
    total: sum(buckets, value),
  })
  return (
    <div class="charts">
      <Chart
        title={t(words.payments)}
        at={at}
        series={[
          counted(t(words.created), 'open', ({ ordered }) => ordered),
          counted(t(words.paid), 'good', ({ paid }) => paid),
          counted(t(words.refunded), 'back', ({ refunded }) => refunded),
        ]}
      />
      <Chart
        title={t(words.closes)}
        at={at}
        series={reasonsIn(buckets).map((reason, place) =>
          counted(
            reasonText(reason),
            (['quiet', 'open', 'warn', 'back', 'bad', 'good'] as const)[place % 6] ?? 'quiet',
            ({ closed }) => closed[reason] ?? 0,
          ),
        )}
      />
      <Chart
        title={t(words.callbacks)}
        at={at}
        series={[
          counted(t(words.ok), 'good', ({ callbacksOk }) => callbacksOk),
          counted(t(words.failed), 'bad', ({ callbacksFailed }) => callbacksFailed),
        ]}
      />
      <Chart
        title={t(words.lateness)}
        at={at}
        series={[
          { ...of(t(words.average), 'open', ({ lateMsAvg }) => seconds(lateMsAvg)), total: late?.average },
          { ...of(t(words.most), 'warn', ({ lateMsMax }) => seconds(lateMsMax)), total: late?.most },
        ]}
      />
    </div>
  )
}

function Figures({ buckets, unpaid }: Pick<ApiOverview, 'buckets' | 'unpaid'>) {
  const told = sum(buckets, ({ noticesTold }) => noticesTold)
  const notices = sum(buckets, (bucket) => bucket.notices)
  const ok = sum(buckets, ({ callbacksOk }) => callbacksOk)
  const attempts = ok + sum(buckets, ({ callbacksFailed }) => callbacksFailed)
  return (
    <dl class="figures">
      <Figure text={words.created}>{sum(buckets, ({ ordered }) => ordered)}</Figure>
      <Figure text={words.paid}>{sum(buckets, ({ paid }) => paid)}</Figure>
      <Figure text={words.refunded}>{sum(buckets, ({ refunded }) => refunded)}</Figure>
      <Figure text={words.openNow}>{unpaid}</Figure>
      <Figure text={words.told} note={t(words.ofNotices, { n: notices })}>
        {told}
      </Figure>
      <Figure text={words.attempts} note={t(words.ofAttempts, { n: ok })}>
        {attempts}
      </Figure>
    </dl>
  )
}

export function OverviewPage() {
  const { hours } = address.value.filters
  const asked = periods.find(([period]) => period === hours)?.[0] ?? '24'
  const loaded = useLoad(() => client.value.overview({ hours: Number(asked) }), [asked])
  useEvery(10_000, loaded.again)
  return (
    <>
      <div class="page-head">
        <h1>{t(shell.overview)}</h1>
        <fieldset class="choice tabs">
          <legend class="unseen">{t(words.period)}</legend>
          {periods.map(([period, text]) => (
            <label key={text.en}>
              <input
                type="radio"
                name="hours"
                checked={hours === period}
                onChange={() => filterBy({ hours: period })}
              />
              <span>{t(text)}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <Shown loaded={loaded}>
        {({ late, untold, buckets, unpaid, from, bucketMs }) => (
          <>
            <Alarms late={late} untold={untold} />
            <Figures buckets={buckets} unpaid={unpaid} />
            <p class="soft">{t(words.realTime)}</p>
            <Charts buckets={withQuietOnes(buckets, from, bucketMs)} />
          </>
        )}
      </Shown>
    </>
  )
}
