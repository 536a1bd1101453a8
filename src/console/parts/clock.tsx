/** The environment's clock: what it shows, and how it is moved. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiClock, ClockAsked } from '../../client/index.ts'
import { readableTime, wholeSecondFrom } from '../../protocol/beijing-time.ts'
import type { Text } from '../../protocol/text.ts'
import { asLine, calls } from '../calls.ts'
import { beijing, shortTime } from '../format.ts'
import { t } from '../language.ts'
import { clockNow, isLive, setHeardClock } from '../live.ts'
import { client, environment } from '../session.ts'
import { bar, nextDue } from '../texts/sandbox-bar.ts'
import { shell } from '../texts/shell.ts'
import { MakesCall, Outcome, said, useActing } from './act.tsx'
import { Dialog } from './dialog.tsx'
import { Icon } from './icons.tsx'
import { NextLine, nextText, whatCame } from './next-due.tsx'

/** The clock as it is shown: where nothing is heard of it any more it stands, for nobody knows what it shows by now. */
function useShownClock(): ApiClock | undefined {
  const last = useRef<ApiClock>(undefined)
  const clock = clockNow()
  if (clock === undefined || isLive.value || last.current === undefined) last.current = clock
  return last.current
}

function modeText(clock: ApiClock): Text {
  if (!isLive.value) return shell.notConnected
  if (clock.mode === 'real' || environment.value?.clock === 'real') return bar.real
  return bar[clock.mode === 'frozen' ? 'frozen' : 'running']
}

export function ClockFace() {
  const clock = useShownClock()
  if (clock === undefined) return null
  const text = readableTime(clock.now)
  return (
    <p class={`clock-face ${isLive.value ? '' : 'stale'}`} title={`${text} ${t(shell.beijing)}`}>
      <Icon name="clock" />
      <span class="clock-lines">
        <span>
          <time dateTime={clock.now.toISOString()}>
            <span class="date">{text.slice(0, 10)} </span>
            {text.slice(11)}
          </time>{' '}
          <span class={`mode ${isLive.value ? clock.mode : 'lost'}`}>{t(modeText(clock))}</span>
        </span>
        <NextLine />
      </span>
    </p>
  )
}

/** On a phone, below the bar: what has no room in it. */
export function ClockMore() {
  const clock = useShownClock()
  const isLost = !isLive.value
  if (clock === undefined) return isLost ? <p class="clock-more lost">{t(shell.notLive)}</p> : null
  const { next } = clock
  const pieces = [
    isLost ? t(shell.notLive) : t(modeText(clock)),
    readableTime(clock.now).slice(0, '2026-01-01'.length),
    ...(clock.mode === 'real' || isLost
      ? []
      : [next === undefined ? t(nextDue.nothing) : t(nextDue.next, { next: nextText(next, clock.now) })]),
  ]
  return <p class={`clock-more ${isLost ? 'lost' : ''}`}>{pieces.join(' · ')}</p>
}

/** How long what came of a move stays beside the clock. */
const shownMs = 12_000

/** Where it is named, the whole second from which it is due: the clock then shows what was said before. */
const toNext = ({ at }: NonNullable<ApiClock['next']>) => ({ set: wholeSecondFrom(at) })

/** Moves it; what falls due on the way is done before the answer comes, and what that was is told. */
export function useClock() {
  const acting = useActing()
  const { outcome, act, forget } = acting
  useEffect(() => {
    if (outcome?.ok !== true) return
    const timer = setTimeout(forget, shownMs)
    return () => clearTimeout(timer)
  }, [outcome])
  const move = (change: ClockAsked) =>
    void act(async () => {
      // As it is by now: another may have moved it.
      const next = 'next' in change ? (await client.value.sandbox.clock()).next : undefined
      const clock = await client.value.sandbox.setClock(next === undefined ? change : toNext(next))
      setHeardClock(clock)
      return next === undefined
        ? said(true, bar.thereNow, { at: shortTime(clock.now, clock.now) })
        : whatCame(next, clock)
    })
  return { ...acting, move }
}

function Buttons({ withCalls = false }: { withCalls?: boolean }) {
  const { busy, outcome, move } = useClock()
  const clock = clockNow()
  const next = clock?.next
  const isFrozen = clock?.mode === 'frozen'
  const buttons: readonly {
    readonly change: ClockAsked
    readonly wire: object
    readonly text: string
    readonly note?: string
    readonly off?: boolean
  }[] = [
    { change: { advance: '5m' }, wire: { advance: '5m' }, text: t(bar.fiveMinutes) },
    {
      change: { next: true },
      wire: next === undefined ? { next: true } : { set: beijing(wholeSecondFrom(next.at)) },
      text: t(bar.toNext),
      note: next === undefined || clock === undefined ? t(bar.nothingDue) : nextText(next, clock.now),
      off: clock?.nextDue === undefined,
    },
    { change: { advance: '1d' }, wire: { advance: '1d' }, text: t(bar.aDay) },
    isFrozen
      ? { change: { run: true }, wire: { run: true }, text: t(bar.run) }
      : { change: { freeze: true }, wire: { freeze: true }, text: t(bar.freeze) },
  ]
  return (
    <>
      {buttons.map(({ change, wire, text, note, off = false }) => (
        <span key={text} class="clock-key">
          <button
            type="button"
            disabled={busy || off}
            title={withCalls ? undefined : [note, asLine(calls.clock(wire))].filter(Boolean).join(' · ')}
            onClick={() => move(change)}
          >
            {text}
          </button>
          {note === undefined || !withCalls ? null : <small class="soft">{note}</small>}
          {withCalls ? <MakesCall call={calls.clock(wire)} /> : null}
        </span>
      ))}
      {withCalls || busy || outcome !== undefined ? (
        <Outcome outcome={busy ? { ok: true, text: t(bar.advancing) } : outcome} />
      ) : null}
    </>
  )
}

/** Beside the clock, where there is room. */
export const ClockKeys = () =>
  clockNow() === undefined || clockNow()?.mode === 'real' ? null : (
    <div class="clock-keys">
      <Buttons />
    </div>
  )

/** Behind a button, with the calls that are made. */
export function ClockButton() {
  const [open, setOpen] = useState(false)
  if (clockNow() === undefined || clockNow()?.mode === 'real') return null
  return (
    <>
      <button type="button" class="clock-button" onClick={() => setOpen(true)}>
        {t(bar.clock)}
      </button>
      {open ? (
        <Dialog title={t(bar.clock)} onClose={() => setOpen(false)}>
          <ClockFace />
          <p class="soft">{t(bar.clockWhy)}</p>
          <div class="clock-list">
            <Buttons withCalls />
          </div>
        </Dialog>
      ) : null}
    </>
  )
}
