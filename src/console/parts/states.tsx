/** What stands in the place of content: it is on its way, it did not come, there is none. */
import type { ComponentChildren } from 'preact'
import { CloudPayRefused } from '../../client/index.ts'
import { runnable } from '../commands.ts'
import { t } from '../language.ts'
import type { Loaded } from '../load.ts'
import { shell } from '../texts/shell.ts'
import { Marked } from './marked.tsx'

/** What a person can be told of a failure. The server's refusals are texts for people already. */
export const messageOf = (error: unknown): string =>
  error instanceof CloudPayRefused ? runnable(error.message) : t(shell.notReached)

export const Trouble = ({ error, again }: { error: unknown; again?: () => void }) => (
  <div class="trouble" role="alert">
    <p>
      <Marked text={messageOf(error)} />
    </p>
    {again === undefined ? null : (
      <button type="button" onClick={again}>
        {t(shell.again)}
      </button>
    )}
  </div>
)

export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) => (
  <div class="empty">
    <h2>{title}</h2>
    {children}
  </div>
)

export const Loading = () => (
  <p class="loading" role="status">
    {t(shell.loading)}
  </p>
)

/** The content, once it is there; with what went wrong above it, where a later asking failed. */
export function Shown<Value>({
  loaded,
  children,
}: {
  loaded: Loaded<Value>
  children: (value: Value) => ComponentChildren
}) {
  const { value, error, again } = loaded
  return (
    <>
      {error === undefined ? null : <Trouble error={error} again={again} />}
      {value !== undefined ? children(value) : error === undefined ? <Loading /> : null}
    </>
  )
}
