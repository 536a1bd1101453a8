/** Asking the server for what a page shows: what came, or why it did not, and asking again. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { spreadMs } from './live.ts'
import { client, isTurnedAway } from './session.ts'

export interface Loaded<Value> {
  readonly value: Value | undefined
  readonly error: unknown
  /** Asks again; what is shown stays until the answer is there. */
  readonly again: () => void
  /** Puts what is known by other means in its place. */
  readonly put: (change: (value: Value) => Value) => void
}

/**
 * @param keys what the answer depends on: a change of one asks anew, and nothing is heard any more of what was asked before
 * @param keeps what is shown stays until the new answer is there, as somebody types
 */
export function useLoad<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  keys: readonly unknown[],
  { keeps = false }: { readonly keeps?: boolean } = {},
): Loaded<Value> {
  const [state, setState] = useState<{ value?: Value | undefined; error?: unknown }>({})
  const latest = useRef(load)
  latest.current = load
  const running = useRef<AbortController>(undefined)

  const ask = useCallback(() => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    const { signal } = controller
    latest.current(signal).then(
      (value) => {
        if (!signal.aborted) setState({ value })
      },
      (error: unknown) => {
        if (signal.aborted || isTurnedAway(error)) return
        setState((before) => ({ ...before, error }))
      },
    )
  }, [])

  useEffect(() => {
    setState(({ value }) => (keeps ? { value } : {}))
    ask()
    return () => running.current?.abort()
  }, [client.value, ...keys])

  const put = useCallback(
    (change: (value: Value) => Value) =>
      setState((before) => (before.value === undefined ? before : { value: change(before.value) })),
    [],
  )
  return { value: state.value, error: state.error, again: ask, put }
}

/** Asks again every so often while the page is looked at; rarer, where many pages watch. */
export function useEvery(ms: number, ask: () => void): void {
  const latest = useRef(ask)
  latest.current = ask
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    const wait = () => {
      timer = setTimeout(
        () => {
          wait()
          if (document.visibilityState === 'visible') latest.current()
        },
        Math.max(ms, spreadMs.peek()),
      )
    }
    wait()
    return () => clearTimeout(timer)
  }, [ms])
}
