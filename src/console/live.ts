/** What the server says by itself: orders that changed, the clock, faults. One stream for all pages. */
import { effect, signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiChange, ApiClock, ApiFaults } from '../client/index.ts'
import { client, isEnvironmentKnown, isTurnedAway, signIn } from './session.ts'

/** The environment's clock as it was heard, and when. */
const heard = signal<{ readonly clock: ApiClock; readonly at: number } | undefined>(undefined)
export const faults = signal<ApiFaults | undefined>(undefined)
/** Over how long the pages that watch spread what they ask for: by the hundred they would ask at once. */
export const spreadMs = signal(0)
/** Whether what is shown changes by itself. */
export const isLive = signal(false)

const second = signal(0)
setInterval(() => {
  second.value += 1
}, 1_000)

/** The environment's clock. Read in a component, it shows each second. */
export function clockNow(): ApiClock | undefined {
  second.value
  if (heard.value === undefined) return undefined
  const { clock, at } = heard.value
  if (clock.mode === 'frozen') return clock
  return { ...clock, now: new Date(clock.now.getTime() + performance.now() - at) }
}

/** The environment's present time; this machine's until it is known. */
export const timeNow = (): Date => clockNow()?.now ?? new Date()

export function setHeardClock(clock: ApiClock): void {
  heard.value = { clock, at: performance.now() }
}

type Listener = (change: ApiChange) => void
const listeners = new Set<Listener>()

/** Hears of changes while the component is there. */
export function useChanges(listener: Listener): void {
  const latest = useRef(listener)
  latest.current = listener
  useEffect(() => {
    const hear: Listener = (change) => latest.current(change)
    listeners.add(hear)
    return () => void listeners.delete(hear)
  }, [])
}

/** Asks at a moment of its own within the time that the server gives; once, for all that comes while it waits. */
function turnOf(ask: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    take() {
      timer ??= setTimeout(() => {
        timer = undefined
        ask()
      }, Math.random() * spreadMs.peek())
    },
    /** What was waited for is another environment's, or nobody's any more. */
    giveUp() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}

/** Asks again after changes that what is shown may depend on. */
export function useAskAgain(dependsOn: (change: ApiChange) => boolean, ask: () => void): void {
  const latest = useRef(ask)
  latest.current = ask
  const [turn] = useState(() => turnOf(() => latest.current()))
  useChanges((change) => {
    if (dependsOn(change)) turn.take()
  })
  useEffect(() => turn.giveUp, [client.value])
}

/** What only a sandbox has is not there elsewhere: nothing is shown then. What comes after a switch is another's. */
async function unlessRefused<Value>(
  asking: Promise<Value>,
  show: (value: Value | undefined) => void,
): Promise<void> {
  const whose = client.value
  const value = await asking.catch((error: unknown) => {
    isTurnedAway(error)
    return undefined
  })
  if (client.value === whose) show(value)
}

const readClock = () =>
  unlessRefused(client.value.sandbox.clock(), (clock) => {
    if (clock !== undefined) setHeardClock(clock)
  })

export const readFaults = () =>
  unlessRefused(client.value.sandbox.faults(), (read) => {
    faults.value = read
  })

const faultsTurn = turnOf(() => void readFaults())

async function watch(signal: AbortSignal): Promise<void> {
  try {
    const onBroken = () => {
      isLive.value = false
    }
    for await (const change of client.value.watch({ signal, onBroken })) {
      isLive.value = true
      const { envId, now, clock: mode, nextDue, next } = change
      setHeardClock({ envId, now, mode, nextDue, next })
      spreadMs.value = change.spreadMs
      if (change.faults !== (faults.value?.on.length ?? 0)) faultsTurn.take()
      for (const hear of listeners) hear(change)
    }
  } catch (error) {
    isTurnedAway(error)
  } finally {
    if (!signal.aborted) isLive.value = false
  }
}

/** A browser opens few lines to one server: pages that nobody looks at give theirs back. */
const isSeen = signal(!document.hidden)
document.addEventListener('visibilitychange', () => {
  isSeen.value = !document.hidden
})

/** Begins anew with another environment, another token, and when the page is looked at again. */
export const follow = () =>
  effect(() => {
    void client.value
    if (!isSeen.value) return
    if (signIn.value !== 'no' || !isEnvironmentKnown.value) return
    heard.value = undefined
    faults.value = undefined
    spreadMs.value = 0
    faultsTurn.giveUp()
    const controller = new AbortController()
    void readClock()
    void readFaults()
    void watch(controller.signal)
    return () => controller.abort()
  })
