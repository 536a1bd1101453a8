/** One call of the request log: in a line, and whole. */
import type { ApiRequest } from '../../client/index.ts'
import { linkToOrder } from '../address.ts'
import { language, t } from '../language.ts'
import { doorWords, requests as words } from '../texts/requests.ts'
import { Code, laidOut } from './copy.tsx'
import { Badge, Time } from './values.tsx'

const fine = new Set(['ok', 'SUCCESS', 'success', 'paid', 'created'])

/** What a caller got, good or not: its own door names it. */
const isFine = ({ outcome, status, why, fault }: ApiRequest) =>
  fine.has(outcome) ||
  (status < 400 && why === undefined && fault === undefined && !/FAIL|ERROR/.test(outcome))

const doorName = (door: string) => {
  const known = doorWords[door]
  return known === undefined ? door : t(known)
}

export const CallSummary = ({ call, withNumber = false }: { call: ApiRequest; withNumber?: boolean }) => (
  <span class="call">
    <Time at={call.at} />
    <span class="method">
      <b>{call.method ?? '—'}</b> <span class="soft">{doorName(call.door)}</span>
    </span>
    {withNumber ? <span class="number soft">{call.outTradeNo ?? ''}</span> : null}
    <Badge tone={isFine(call) ? 'good' : 'bad'}>{call.outcome}</Badge>
    <span class="soft took">
      {call.status} · {Math.round(call.ms)} ms
    </span>
  </span>
)

export function CallDetails({ call }: { call: ApiRequest }) {
  const { id, why, fault, asked, answered, check, subMchId, outTradeNo } = call
  return (
    <div class="call-details">
      <dl class="facts">
        <div>
          <dt>{t(words.id)}</dt>
          <dd class="number">{id}</dd>
        </div>
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
            <dd>{why}</dd>
          </div>
        )}
        {fault === undefined ? null : (
          <div>
            <dt>{t(words.fault)}</dt>
            <dd>{fault}</dd>
          </div>
        )}
      </dl>
      {check === undefined ? null : (
        <div class="check">
          <h3>{t(words.signature)}</h3>
          <p>
            <code>{check.part}</code> {check[language.value]}
          </p>
          <h4>{t(words.canonical)}</h4>
          <Code label={t(words.canonical)} text={check.canonical} />
          {check.signed === undefined ? null : (
            <>
              <h4>{t(words.signed)}</h4>
              <Code label={t(words.signed)} text={check.signed} />
            </>
          )}
        </div>
      )}
      {asked === undefined && answered === undefined ? <p class="soft">{t(words.notKept)}</p> : null}
      {asked === undefined ? null : (
        <>
          <h3>{t(words.asked)}</h3>
          <Code label={t(words.asked)} text={laidOut(asked)} />
        </>
      )}
      {answered === undefined ? null : (
        <>
          <h3>{t(words.answered)}</h3>
          <Code label={t(words.answered)} text={laidOut(answered)} />
        </>
      )}
    </div>
  )
}
