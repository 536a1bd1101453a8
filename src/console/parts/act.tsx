/** Buttons that change something: what they do, the call that they make, and what came of it. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Text } from '../../protocol/text.ts'
import { asCurl, asLine, type WireCall } from '../calls.ts'
import { runnable } from '../commands.ts'
import { t } from '../language.ts'
import { isTurnedAway } from '../session.ts'
import { Copy } from './copy.tsx'
import { messageOf } from './states.tsx'

/** What became of something that a person asked for. */
export interface Said {
  readonly ok: boolean
  readonly text: string
}

export const said = (ok: boolean, text: Text, values?: Readonly<Record<string, string | number>>): Said => ({
  ok,
  text: runnable(t(text, values)),
})

/** One at a time; what cannot be known is said as such. */
export function useActing() {
  const [busy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<Said>()
  const act = async (doing: () => Promise<Said | undefined>) => {
    setBusy(true)
    try {
      setOutcome(await doing())
    } catch (error) {
      if (!isTurnedAway(error)) setOutcome({ ok: false, text: messageOf(error) })
    } finally {
      setBusy(false)
    }
  }
  const forget = () => setOutcome(undefined)
  /** More is known of what came of it by now; where another thing was done since, that is not told any more. */
  const tellMore = (of: Said, more: Said) => setOutcome((current) => (current === of ? more : current))
  return { busy, outcome, act, forget, tellMore }
}

/** What others answered stands in it as well: nothing of it is offered as a command. */
export const Outcome = ({ outcome }: { outcome: Said | undefined }) => (
  <p class={`outcome ${outcome?.ok === false ? 'bad' : 'good'}`} role="status">
    {outcome?.text}
  </p>
)

/** The call that a button makes, in one line, to be taken into a terminal. */
export const MakesCall = ({ call }: { call: WireCall }) => (
  <span class="makes-call">
    <code title={asLine(call)}>{asLine(call)}</code>
    <Copy text={asCurl(call)} label={`${call.method} ${call.path}`}>
      cURL
    </Copy>
  </span>
)

/** @param call undefined: there is none as long as a field beside it is wrong */
export const Action = ({
  call,
  children,
  main = false,
  disabled = false,
  onClick,
}: {
  call: WireCall | undefined
  children: ComponentChildren
  main?: boolean
  disabled?: boolean
  onClick: () => void
}) => (
  <div class="action">
    <button type="button" class={main ? 'main' : ''} disabled={disabled} onClick={onClick}>
      {children}
    </button>
    {call === undefined ? null : <MakesCall call={call} />}
  </div>
)
