/** Which faults are on, and a switch for each. */

import type { ApiFaults } from '../../client/index.ts'
import type { Text } from '../../protocol/text.ts'
import { language, t } from '../language.ts'
import { faults, readFaults } from '../live.ts'
import { client } from '../session.ts'
import { bar } from '../texts/sandbox-bar.ts'
import { Outcome, useActing } from './act.tsx'

const groups: readonly (readonly [strikes: string, title: Text])[] = [
  ['call', bar.strikesCall],
  ['payment', bar.strikesPayment],
  ['callback', bar.strikesCallback],
  ['refund', bar.strikesRefund],
]

type Fault = ApiFaults['menu'][number]
type Change = { readonly on: string } | { readonly off: string }

function Switch({ fault, busy, change }: { fault: Fault; busy: boolean; change: (asked: Change) => void }) {
  const its = faults.value?.on.filter((one) => one.fault === fault.fault) ?? []
  const left = its[0]?.timesLeft
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        aria-checked={its.length > 0}
        checked={its.length > 0}
        disabled={busy}
        onChange={() => change(its.length > 0 ? { off: fault.fault } : { on: fault.fault })}
      />
      <span>
        {fault.texts.does[language.value]}
        <small>
          {fault.fault}
          {left === undefined ? null : ` · ${t(bar.timesLeft, { n: left })}`}
        </small>
      </span>
    </label>
  )
}

export function FaultSwitches() {
  const { busy, outcome, act } = useActing()
  const { menu = [], on = [] } = faults.value ?? {}
  const change = (asked: Change) =>
    void act(async () => {
      const { sandbox } = client.value
      if ('on' in asked) await sandbox.switchOn(asked)
      else await sandbox.switchOff(asked.off)
      await readFaults()
      return undefined
    })
  return (
    <div class="fault-switches">
      <p class="soft">{t(bar.faultsWhy)}</p>
      {groups.map(([strikes, title]) => (
        <fieldset key={strikes}>
          <legend>{t(title)}</legend>
          {menu
            .filter((fault) => fault.strikes === strikes)
            .map((fault) => (
              <Switch key={fault.fault} fault={fault} busy={busy} change={change} />
            ))}
        </fieldset>
      ))}
      <div class="row">
        <button type="button" disabled={busy || on.length === 0} onClick={() => change({ off: 'all' })}>
          {t(bar.allOff)}
        </button>
        <Outcome outcome={outcome} />
      </div>
    </div>
  )
}
