/** The environment's clock: what it shows, and how it is moved. */
import { useEffect, useState } from 'preact/hooks'
import type { ClockAsked } from '../../client/index.ts'
import { readableTime } from '../../protocol/beijing-time.ts'
import { calls } from '../calls.ts'
import { shortTime } from '../format.ts'
import { t } from '../language.ts'
import { clockNow, setHeardClock } from '../live.ts'
import { client, environment } from '../session.ts'
import { bar } from '../texts/sandbox-bar.ts'
import { shell } from '../texts/shell.ts'
import { MakesCall, Outcome, said, useActing } from './act.tsx'
import { Dialog } from './dialog.tsx'
import { Icon } from './icons.tsx'
import { NextLine, nextText, whatCame } from './next-due.tsx'

export function ClockFace() {
  const clock = clockNow()
  if (clock === undefined) return null
  const isReal = clock.mode === 'real' || environment.value?.clock === 'real'
  const mode = isReal ? bar.real : bar[clock.mode === 'frozen' ? 'frozen' : 'running']
  const text = readableTime(clock.now)
  return (
    <p class="clock-face" title={`${text} ${t(shell.beijing)}`}>
      <Icon name="clock" />
      <span class="clock-lines">
        <span>
          <time dateTime={clock.now.toISOString()}>
            <span class="date">{text.slice(0, 10)} </span>
            {text.slice(11)}
          </time>{' '}
          <span class={`mode ${clock.mode}`}>{t(mode)}</span>
        </span>
        <NextLine />
      </span>
    </p>
  )
}

/** How long what came of a move stays beside the clock. */
const shownMs = 12_000

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
      const clock = await client.value.sandbox.setClock(change)
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
      wire: { next: true },
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
          <button type="button" disabled={busy || off} title={note} onClick={() => move(change)}>
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
