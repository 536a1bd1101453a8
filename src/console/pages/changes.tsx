/** What people changed: the audit log. */
import { useState } from 'preact/hooks'
import type { ApiAuditEntry } from '../../client/index.ts'
import { t } from '../language.ts'
import { useAskAgain } from '../live.ts'
import { useLoad } from '../load.ts'
import { Code, laidOut } from '../parts/copy.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Badge, isSandboxTime, Time } from '../parts/values.tsx'
import { client } from '../session.ts'
import { requests as words } from '../texts/requests.ts'
import { shell } from '../texts/shell.ts'

const One = ({ entry }: { entry: ApiAuditEntry }) => (
  <li>
    <details>
      <summary>
        <span class="call">
          <Time at={entry.at} real />
          <span class="method">
            <b>{entry.action}</b> <span class="soft">{entry.client}</span>
          </span>
          <span class="number soft">{entry.who}</span>
          <Badge tone={entry.status < 400 ? 'good' : 'bad'}>{entry.outcome}</Badge>
        </span>
      </summary>
      <div class="call-details">
        <Code label={t(words.asked)} text={laidOut(entry.asked)} />
      </div>
    </details>
  </li>
)

export function Changes() {
  const [older, setOlder] = useState<{
    readonly entries: readonly ApiAuditEntry[]
    readonly cursor?: string | undefined
  }>()
  const loaded = useLoad(() => client.value.audit().page(), [])
  useAskAgain(({ requests }) => requests, loaded.again)
  const showMore = async (from: string) => {
    const page = await client.value.audit().page(from)
    setOlder((before) => ({
      entries: [...(before?.entries ?? []), ...page.entries],
      cursor: page.nextCursor,
    }))
  }
  return (
    <Shown loaded={loaded}>
      {({ entries, nextCursor }) => {
        const shown = new Set(entries.map(({ id }) => id))
        const all = [...entries, ...(older?.entries ?? []).filter(({ id }) => !shown.has(id))]
        const cursor = older === undefined ? nextCursor : older.cursor
        if (all.length === 0) return <Empty title={t(words.noChanges)} />
        return (
          <>
            {isSandboxTime() ? <p class="soft clock-hint">{t(words.realTime)}</p> : null}
            <ul class="calls list-of-calls" aria-label={t(words.changes)}>
              {all.map((entry) => (
                <One key={entry.id} entry={entry} />
              ))}
            </ul>
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
