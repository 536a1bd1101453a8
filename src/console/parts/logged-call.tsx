/** One call of the request log: in a line, and whole. */
import type { ApiRequest } from '../../client/index.ts'
import type { Text } from '../../protocol/text.ts'
import { linkToOrder } from '../address.ts'
import { runnable } from '../commands.ts'
import { language, t } from '../language.ts'
import { doorWords, outcomeWords, whyCallWords, requests as words } from '../texts/requests.ts'
import { Code, laidOut } from './copy.tsx'
import { Badge, isSandboxTime, Time } from './values.tsx'

const fine = new Set(['ok', 'SUCCESS', 'success', 'paid', 'created'])

/** A payer who did not pay: nothing went wrong, and nothing came of it. */
const cameToNothing = new Set(['cancelled', 'failed', 'waiting'])

/** What a caller got, good or not: its own door names it. */
function toneOf({ outcome, status, why, fault }: ApiRequest): 'good' | 'bad' | 'quiet' | 'warn' {
  if (outcome === 'paid_too_late') return 'warn'
  if (cameToNothing.has(outcome)) return 'quiet'
  if (fine.has(outcome)) return 'good'
  return status < 400 && why === undefined && fault === undefined && !/FAIL|ERROR/.test(outcome)
    ? 'good'
    : 'bad'
}

const isNobodys = ({ envId }: ApiRequest) => envId === undefined

const known = (table: Readonly<Record<string, Text>>, word: string) => {
  const text = table[word]
  return text === undefined ? runnable(word) : t(text)
}

/** What stands in which column; which clock the times are of. */
export const CallHeads = ({ withNumber = false }: { withNumber?: boolean }) => (
  <>
    {isSandboxTime() ? <p class="soft clock-hint">{t(words.realTime)}</p> : null}
    <p class={`call heads ${withNumber ? 'with-number' : ''}`} aria-hidden="true">
      <span>{t(isSandboxTime() ? words.atReal : words.at)}</span>
      <span>{t(words.method)}</span>
      {withNumber ? <span>{t(words.number)}</span> : null}
      <span>{t(words.outcome)}</span>
      <span class="took">{t(words.took)}</span>
    </p>
  </>
)

export const CallSummary = ({ call, withNumber = false }: { call: ApiRequest; withNumber?: boolean }) => (
  <span class="call">
    <Time at={call.at} real />
    <span class="method">
      <b>{call.method ?? t(words.unknownMethod)}</b> <span class="soft">{known(doorWords, call.door)}</span>
    </span>
    {isNobodys(call) ? (
      <span class="nobodys" title={call.why === undefined ? undefined : known(whyCallWords, call.why)}>
        {t(call.nobodysFor === 'credentials' ? words.nobody : words.notUnderstood)}
      </span>
    ) : withNumber ? (
      <span class="number soft">{call.outTradeNo ?? ''}</span>
    ) : null}
    <Badge tone={toneOf(call)} title={call.outcome}>
      {known(outcomeWords, call.outcome)}
    </Badge>
    <span class="soft took">
      {call.status} · {Math.round(call.ms)} ms
    </span>
  </span>
)

/** @param isNamed what stands around it says which text it is */
const Texts = ({
  check: { canonical, signed },
  isNamed = false,
}: {
  check: NonNullable<ApiRequest['check']>
  isNamed?: boolean
}) => (
  <>
    {isNamed ? null : <p class="part">{t(words.canonical)}</p>}
    <Code label={t(words.canonical)} text={canonical} />
    {signed === undefined ? null : (
      <>
        <p class="part">{t(words.signed)}</p>
        <Code label={t(words.signed)} text={signed} />
      </>
    )}
  </>
)

/** Why it was not known whose it is; the texts that were compared, which say little where there is no key to compare with. */
function Check({ check }: { check: NonNullable<ApiRequest['check']> }) {
  const isUnknownId = check.part === 'secret-id'
  return (
    <div class="check">
      <p class="part">{t(isUnknownId ? words.secretId : words.signature)}</p>
      <p>
        {isUnknownId || check.part === 'unknown' ? null : (
          <>
            <code>{check.part}</code>{' '}
          </>
        )}
        {runnable(check[language.value])}
      </p>
      {isUnknownId ? (
        <details>
          <summary>{t(words.canonical)}</summary>
          <Texts check={check} isNamed />
        </details>
      ) : (
        <Texts check={check} />
      )}
    </div>
  )
}

export function CallDetails({ call }: { call: ApiRequest }) {
  const { id, outcome, why, fault, asked, answered, check, subMchId, outTradeNo } = call
  return (
    <div class="call-details">
      <dl class="facts">
        <div>
          <dt>{t(words.id)}</dt>
          <dd class="number">{id}</dd>
        </div>
        {known(outcomeWords, outcome) === outcome ? null : (
          <div>
            <dt>{t(words.outcomeCode)}</dt>
            <dd class="number">{outcome}</dd>
          </div>
        )}
        {outTradeNo === undefined || subMchId === undefined ? null : (
          <div>
            <dt>{t(words.number)}</dt>
            <dd>
              <a class="number" href={linkToOrder({ subMchId, outTradeNo })}>
                {outTradeNo}
              </a>
            </dd>
          </div>
        )}
        {why === undefined ? null : (
          <div>
            <dt>{t(words.why)}</dt>
            <dd>{known(whyCallWords, why)}</dd>
          </div>
        )}
        {fault === undefined ? null : (
          <div>
            <dt>{t(words.fault)}</dt>
            <dd>{fault}</dd>
          </div>
        )}
      </dl>
      {check === undefined ? null : <Check check={check} />}
      {isNobodys(call) ? (
        <p class="soft">{t(call.nobodysFor === 'credentials' ? words.nobodyWhy : words.notUnderstoodWhy)}</p>
      ) : null}
      {asked === undefined && answered === undefined && check === undefined ? (
        <p class="soft">{t(words.notKept)}</p>
      ) : null}
      {asked === undefined ? null : (
        <>
          <p class="part">{t(words.asked)}</p>
          <Code label={t(words.asked)} text={laidOut(asked)} />
        </>
      )}
      {answered === undefined ? null : (
        <>
          <p class="part">{t(words.answered)}</p>
          <Code label={t(words.answered)} text={laidOut(answered)} />
        </>
      )}
    </div>
  )
}
