/** The menu of faults: a switch for each, and what is on at the moment. */

import { useState } from 'preact/hooks'
import type { ApiFaults } from '../../client/index.ts'
import type { Text } from '../../protocol/text.ts'
import { span, yuan } from '../format.ts'
import { language, t } from '../language.ts'
import { faults, readFaults } from '../live.ts'
import { client } from '../session.ts'
import { bar } from '../texts/sandbox-bar.ts'
import { Outcome, type Said, useActing } from './act.tsx'
import { FaultForm } from './fault-form.tsx'

const groups: readonly (readonly [strikes: string, title: Text])[] = [
  ['call', bar.strikesCall],
  ['payment', bar.strikesPayment],
  ['callback', bar.strikesCallback],
  ['refund', bar.strikesRefund],
]

type Fault = ApiFaults['menu'][number]
type Rule = ApiFaults['on'][number]
type Act = (doing: () => Promise<Said | undefined>) => void

const turn = (act: Act, change: { readonly on: string } | { readonly off: string }) =>
  act(async () => {
    const { sandbox } = client.value
    if ('on' in change) await sandbox.switchOn(change)
    else await sandbox.switchOff(change.off)
    await readFaults()
    return undefined
  })

/** Where it strikes, and for how long yet. */
const scopeOf = ({ timesLeft, spanMs, method, outTradeNo, totalFee }: Rule) =>
  [
    method,
    outTradeNo,
    totalFee === undefined ? undefined : yuan(totalFee),
    spanMs === undefined ? undefined : span(spanMs),
    timesLeft === undefined ? t(bar.untilOff) : t(bar.timesLeft, { n: timesLeft }),
  ]
    .filter((piece) => piece !== undefined)
    .join(' · ')

function OnNow({ busy, act }: { busy: boolean; act: Act }) {
  const { on = [] } = faults.value ?? {}
  if (on.length === 0) return null
  return (
    <section class="faults-on" aria-labelledby="faults-on">
      <h3 id="faults-on">{t(bar.onNow)}</h3>
      <ul>
        {on.map((rule) => (
          <li key={rule.id} class="row">
            <span>
              <code>{rule.fault}</code> <small class="soft">{scopeOf(rule)}</small>
            </span>
            <button
              type="button"
              disabled={busy}
              aria-label={`${t(bar.off)} ${rule.fault}`}
              onClick={() => turn(act, { off: rule.id })}
            >
              {t(bar.off)}
            </button>
          </li>
        ))}
      </ul>
      <button type="button" disabled={busy} onClick={() => turn(act, { off: 'all' })}>
        {t(bar.allOff)}
      </button>
    </section>
  )
}

function Switch({ fault, busy, act }: { fault: Fault; busy: boolean; act: Act }) {
  const [open, setOpen] = useState(false)
  const isOn = faults.value?.on.some((one) => one.fault === fault.fault) ?? false
  return (
    <div class="fault">
      <div class="fault-line">
        <label class="switch">
          <input
            type="checkbox"
            role="switch"
            aria-checked={isOn}
            checked={isOn}
            disabled={busy}
            onChange={() => turn(act, isOn ? { off: fault.fault } : { on: fault.fault })}
          />
          <span>
            {fault.texts.does[language.value]}
            <small>{fault.fault}</small>
          </span>
        </label>
        <button type="button" class="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(bar.setUp)}
          <span class="unseen"> {fault.fault}</span>
        </button>
      </div>
      {open ? <FaultForm fault={fault} onDone={() => setOpen(false)} /> : null}
    </div>
  )
}

export function FaultSwitches() {
  const { busy, outcome, act } = useActing()
  const { menu = [] } = faults.value ?? {}
  const doing: Act = (change) => void act(change)
  return (
    <div class="fault-switches">
      <p class="soft">{t(bar.faultsWhy)}</p>
      <OnNow busy={busy} act={doing} />
      <Outcome outcome={outcome} />
      {groups.map(([strikes, title]) => (
        <fieldset key={strikes}>
          <legend>{t(title)}</legend>
          {menu
            .filter((fault) => fault.strikes === strikes)
            .map((fault) => (
              <Switch key={fault.fault} fault={fault} busy={busy} act={doing} />
            ))}
        </fieldset>
      ))}
    </div>
  )
}
