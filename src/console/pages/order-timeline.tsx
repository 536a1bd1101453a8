/** What happened to an order, in order: its history, every attempt to tell of it, its refunds. */
import type { ComponentChildren } from 'preact'
import type { ApiOrderDetail, ApiRefund } from '../../client/index.ts'
import type { Text } from '../../protocol/text.ts'
import { command, containerExample, folderExample, runnable } from '../commands.ts'
import { shortTimeFrom, yuan } from '../format.ts'
import { language, t } from '../language.ts'
import { timeNow } from '../live.ts'
import { Code, laidOut } from '../parts/copy.tsx'
import { Marked } from '../parts/marked.tsx'
import { Badge, NoticeBadge, RefundBadge, Time } from '../parts/values.tsx'
import { advice, anyAdvice, anyAdviceHere, callbacks } from '../texts/callbacks.ts'
import { byWords, eventWords, order as orderWords, whyWords, timeline as words } from '../texts/order.ts'

type HistoryEvent = ApiOrderDetail['history'][number]
type Attempt = ApiOrderDetail['attempts'][number]
type Notice = ApiOrderDetail['notices'][number]

interface Entry {
  readonly at: Date
  readonly key: string
  readonly tone: 'good' | 'bad' | 'quiet'
  readonly content: ComponentChildren
}

const worded = (table: Readonly<Record<string, { zh: string; en: string }>>, word: string) => {
  const known = table[word]
  return known === undefined ? word : t(known)
}

function eventEntry(event: HistoryEvent, place: number): Entry {
  const { by, why, successor, outRefundNo, refundFee } = event
  const more = [
    by === undefined ? undefined : worded(byWords, by),
    why === undefined ? undefined : worded(whyWords, why),
    successor,
    outRefundNo,
    refundFee === undefined ? undefined : yuan(refundFee),
  ].filter((piece) => piece !== undefined)
  const isBad = event.event === 'paid-late' || event.event === 'return-failed'
  return {
    at: event.at,
    key: `event ${place}`,
    tone: isBad ? 'bad' : event.event === 'paid' ? 'good' : 'quiet',
    content: (
      <p>
        <strong>{worded(eventWords, event.event)}</strong>
        {more.length === 0 ? null : <span class="soft"> · {more.join(' · ')}</span>}
      </p>
    ),
  }
}

function attemptEntry(attempt: Attempt): Entry {
  const isGood = attempt.outcome === 'acknowledged'
  const title = attempt.subject === 'refund' ? words.refundCallback : words.callback
  return {
    at: attempt.at,
    key: `attempt ${attempt.id}`,
    tone: isGood ? 'good' : 'bad',
    content: (
      <>
        <p>
          <strong>{t(title, { n: attempt.attempt })}</strong>{' '}
          <Badge tone={isGood ? 'good' : 'bad'}>{t(isGood ? words.acknowledged : words.failed)}</Badge>
          <span class="soft">
            {' '}
            {attempt.target} · {attempt.status === undefined ? '' : `HTTP ${attempt.status} · `}
            {Math.round(attempt.ms)} ms
          </span>
        </p>
        {attempt.why === undefined ? null : (
          <p class="why">
            <Why code={attempt.outcome} text={attempt.why} />
          </p>
        )}
        <details>
          <summary>{t(words.sent)}</summary>
          <Code label={t(words.sent)} text={laidOut(attempt.sent)} />
          <p class="soft">{t(words.answer)}</p>
          {attempt.answer === undefined || attempt.answer === '' ? (
            <p>{t(words.nothingBack)}</p>
          ) : (
            <Code label={t(words.answer)} text={attempt.answer} />
          )}
        </details>
      </>
    ),
  }
}

const refundEntries = ({ outRefundNo, refundId, state, refundFee, succeededAt }: ApiRefund): Entry[] =>
  succeededAt === undefined
    ? []
    : [
        {
          at: succeededAt,
          key: `refund ${outRefundNo}`,
          tone: 'good',
          content: (
            <p>
              <strong>{t(words.refunded)}</strong> <RefundBadge state={state} />
              <span class="soft">
                {' '}
                {yuan(refundFee)} · {outRefundNo} · {refundId}
              </span>
            </p>
          ),
        },
      ]

/** It repeats names that others chose and what they answered: nothing of it is offered as a command. */
const Why = ({ code, text }: { code: string | undefined; text: Text }) => (
  <span>{code === 'not-hosted' ? runnable(text[language.value]) : text[language.value]}</span>
)

const leastFunction = "exports.main = async () => ({ errcode: 0, errmsg: 'ok' })"

/** A container's has a path, a function's has none. */
const functionIn = (target: string | undefined) =>
  target === undefined ? 'payCallback' : /^([^\s/]+) \(/.exec(target)?.[1]

interface Shown {
  readonly target: string | undefined
  /** On the order's own page: what was sent stands above. */
  readonly isHere?: boolean
}

/** What helps, with code and commands that can be taken as they are. */
function Remedy({ code = '', target, isHere = false }: Shown & { code: string | undefined }) {
  const name = functionIn(target)
  const wantsFunction = name !== undefined && (code === 'not-hosted' || code === 'not-acknowledged')
  const asFile = t(callbacks.leastFunction, { file: `cloudfunctions/${name}/index.js` })
  return (
    <>
      <p>
        {t(callbacks.whatToDo)}: <Marked text={t(advice[code] ?? (isHere ? anyAdviceHere : anyAdvice))} />
      </p>
      {wantsFunction ? (
        <>
          <p>{asFile}</p>
          <Code label={asFile} text={leastFunction} />
        </>
      ) : null}
      {code === 'not-hosted' ? (
        <>
          <p>{t(name === undefined ? callbacks.startContainer : callbacks.startFunction)}</p>
          <Code
            label={t(callbacks.whatToDo)}
            text={name === undefined ? command('run', containerExample) : command('dev', folderExample)}
          />
        </>
      ) : null}
    </>
  )
}

/** What is not delivered, why, and what helps. */
export const OpenNotice = ({ notice, target, isHere = false }: Shown & { notice: Notice }) => (
  <div class="open-notice">
    <p>
      <NoticeBadge state={notice.state} />{' '}
      <span class="soft">
        {t(notice.attempts === 1 ? callbacks.attempt : callbacks.attempts, { n: notice.attempts })}
        {' · '}
        {notice.nextAttempt === undefined
          ? t(callbacks.noNext)
          : t(words.nextAttempt, { at: shortTimeFrom(notice.nextAttempt, timeNow()) })}
      </span>
    </p>
    {notice.why === undefined ? null : (
      <>
        <p class="why">
          {t(callbacks.why)}: <Why code={notice.whyCode} text={notice.why} />
        </p>
        <Remedy code={notice.whyCode} target={target} isHere={isHere} />
      </>
    )}
  </div>
)

export function Timeline({ order }: { order: ApiOrderDetail }) {
  const { history, attempts, refunds, notices } = order
  const entries = [
    ...history.map(eventEntry),
    ...[...attempts].reverse().map(attemptEntry),
    ...refunds.flatMap(refundEntries),
  ].sort((one, other) => one.at.getTime() - other.at.getTime())
  const open = [...notices, ...refunds.flatMap((refund) => refund.notices)].filter(
    ({ state }) => state !== 'delivered',
  )
  return (
    <section class="card" aria-labelledby="timeline">
      <h2 id="timeline">{t(orderWords.timeline)}</h2>
      <ol class="timeline">
        {entries.map(({ at, key, tone, content }) => (
          <li key={key} class={tone}>
            <Time at={at} />
            <div>{content}</div>
          </li>
        ))}
      </ol>
      {open.length === 0 ? null : (
        <>
          <h3>{t(words.waits)}</h3>
          {open.map((notice) => (
            <OpenNotice
              key={`${notice.kind} ${notice.since.getTime()}`}
              notice={notice}
              target={order.target}
              isHere
            />
          ))}
        </>
      )}
    </section>
  )
}
