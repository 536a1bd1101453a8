/** Every call to any door, as it comes. */
import { useState } from 'preact/hooks'
import type { ApiRequest } from '../../client/index.ts'
import { address, filterBy } from '../address.ts'
import { t } from '../language.ts'
import { useAskAgain } from '../live.ts'
import { useEvery, useLoad } from '../load.ts'
import { CallDetails, CallHeads, CallSummary } from '../parts/logged-call.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { client } from '../session.ts'
import { doorWords, requests as words } from '../texts/requests.ts'
import { shell } from '../texts/shell.ts'
import { Changes } from './changes.tsx'

/** Which calls: all, those that failed, those of which nobody knows whose they are. */
const kinds = [
  [undefined, words.everyCall],
  ['failed', words.failedOnly],
  ['nobody', words.nobodys],
  ['changes', words.changes],
] as const

function Filters() {
  const { show, door } = address.value.filters
  return (
    <div class="filters">
      <fieldset class="choice tabs">
        <legend class="unseen">{t(words.show)}</legend>
        {kinds.map(([kind, text]) => (
          <label key={text.en}>
            <input
              type="radio"
              name="show"
              checked={show === kind}
              onChange={() => filterBy({ show: kind })}
            />
            <span>{t(text)}</span>
          </label>
        ))}
      </fieldset>
      {show === 'changes' ? null : (
        <label>
          <span class="unseen">{t(words.door)}</span>
          <select value={door ?? ''} onChange={(event) => filterBy({ door: event.currentTarget.value })}>
            <option value="">{t(words.anyDoor)}</option>
            {Object.entries(doorWords).map(([name, text]) => (
              <option key={name} value={name}>
                {t(text)}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  )
}

const List = ({ calls }: { calls: readonly ApiRequest[] }) => (
  <ul class="calls list-of-calls" aria-label={t(words.list)}>
    {calls.map((call) => (
      <li key={call.id}>
        <details>
          <summary>
            <CallSummary call={call} withNumber />
          </summary>
          <CallDetails call={call} />
        </details>
      </li>
    ))}
  </ul>
)

function Calls() {
  const { show, door, number } = address.value.filters
  const [older, setOlder] = useState<{ calls: readonly ApiRequest[]; cursor?: string | undefined }>()
  const list = () =>
    client.value.requests.list({
      nobodys: show === 'nobody',
      withNobodys: show !== 'nobody',
      failed: show === 'failed' ? true : undefined,
      door,
      outTradeNo: number,
    })
  const loaded = useLoad(async () => list().page(), [show, door, number])
  const { again } = loaded
  useAskAgain(({ requests }) => requests, again)
  // The server's events are an environment's: of calls that belong to none they tell nothing.
  useEvery(2_000, again)
  const showMore = async (cursor: string) => {
    const page = await list().page(cursor)
    setOlder((before) => ({ calls: [...(before?.calls ?? []), ...page.requests], cursor: page.nextCursor }))
  }
  return (
    <Shown loaded={loaded}>
      {({ requests, nextCursor }) => {
        const shown = new Set(requests.map(({ id }) => id))
        const calls = [...requests, ...(older?.calls ?? []).filter(({ id }) => !shown.has(id))]
        const cursor = older === undefined ? nextCursor : older.cursor
        if (calls.length === 0)
          return (
            <Empty title={t(words.emptyTitle)}>
              <p>{t(words.emptyWhy)}</p>
            </Empty>
          )
        return (
          <>
            <CallHeads withNumber />
            <List calls={calls} />
            {cursor === undefined ? null : (
              <button type="button" class="more" onClick={() => void showMore(cursor)}>
                {t(shell.more)}
              </button>
            )}
          </>
        )
      }}
    </Shown>
  )
}

export function RequestsPage() {
  const { show, door, number } = address.value.filters
  return (
    <>
      <div class="page-head">
        <h1>{t(shell.requests)}</h1>
      </div>
      <p class="soft">{t(words.intro)}</p>
      <Filters />
      {show === 'changes' ? <Changes /> : <Calls key={`${show} ${door} ${number}`} />}
    </>
  )
}
