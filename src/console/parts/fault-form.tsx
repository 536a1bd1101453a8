/** How often a fault strikes, for how long, and on which order: a rule of it, with the call that makes it. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiFaults, FaultAsked } from '../../client/index.ts'
import { methodNames } from '../../protocol/catalogue-entry.ts'
import { parseDuration } from '../../protocol/duration.ts'
import { readAmount } from '../amount.ts'
import { calls } from '../calls.ts'
import { t } from '../language.ts'
import { readFaults } from '../live.ts'
import { client } from '../session.ts'
import { bar } from '../texts/sandbox-bar.ts'
import { MakesCall, Outcome, useActing } from './act.tsx'

type Fault = ApiFaults['menu'][number]

interface Given {
  readonly times: string
  readonly span: string
  readonly order: string
  readonly amount: string
  readonly method: string
}

const untouched: Given = { times: '', span: '', order: '', amount: '', method: '' }

/** What an API takes of it; what is wrong is said beside its field. */
function read(
  { fault }: Fault,
  given: Given,
): { asked: FaultAsked; wrong: Partial<Record<keyof Given, string>> } {
  const { times, span, order, amount, method } = given
  const fee = amount === '' ? undefined : readAmount(amount)
  const isCount = /^[1-9]\d{0,5}$|^1000000$/.test(times)
  const isSpan = (parseDuration(span) ?? Infinity) <= 3_600_000
  return {
    asked: {
      on: fault,
      ...(span === '' ? {} : { span }),
      ...(isCount ? { times: Number(times) } : {}),
      ...(method === '' ? {} : { method }),
      ...(order === '' ? {} : { outTradeNo: order }),
      ...(fee === undefined || 'problem' in fee ? {} : { totalFee: fee.fen }),
    },
    wrong: {
      ...(times === '' || isCount ? {} : { times: t(bar.badTimes) }),
      ...(span === '' || isSpan ? {} : { span: t(bar.spanHint) }),
      ...(fee !== undefined && 'problem' in fee ? { amount: fee.problem } : {}),
    },
  }
}

export function FaultForm({ fault, onDone }: { fault: Fault; onDone: () => void }) {
  const [given, setGiven] = useState(untouched)
  const { busy, outcome, act } = useActing()
  const { asked, wrong } = read(fault, given)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.scrollIntoView({ block: 'nearest' }), [])
  const isWrong = Object.keys(wrong).length > 0
  const switchOn = () =>
    void act(async () => {
      await client.value.sandbox.switchOn(asked)
      await readFaults()
      onDone()
      return undefined
    })
  const field = (name: keyof Given, label: string, hint: string) => (
    <label>
      {label}
      <input
        autocomplete="off"
        spellcheck={false}
        value={given[name]}
        aria-invalid={wrong[name] !== undefined}
        onInput={(event) => setGiven({ ...given, [name]: event.currentTarget.value.trim() })}
      />
      <small class={wrong[name] === undefined ? 'soft' : 'problem'}>{wrong[name] ?? hint}</small>
    </label>
  )
  return (
    <form
      ref={form}
      class="form fault-form"
      aria-label={fault.fault}
      onSubmit={(event) => {
        event.preventDefault()
        switchOn()
      }}
    >
      <div class="halves">
        {field('times', t(bar.times), t(bar.timesHint))}
        {fault.spanMs === undefined ? null : field('span', t(bar.span), t(bar.spanHint))}
        {field('order', t(bar.onlyOrder), t(bar.orderHint))}
        {field('amount', t(bar.onlyAmount), t(bar.amountHint))}
        {fault.strikes === 'call' && fault.method === undefined ? (
          <label>
            {t(bar.onlyMethod)}
            <select
              value={given.method}
              onChange={(event) => setGiven({ ...given, method: event.currentTarget.value })}
            >
              <option value="">{t(bar.anyMethod)}</option>
              {methodNames.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        ) : null}
      </div>
      {isWrong ? null : <MakesCall call={calls.fault(asked)} />}
      <Outcome outcome={outcome} />
      <div class="row end">
        <button type="submit" class="main" disabled={busy || isWrong}>
          {t(bar.switchOn)}
        </button>
      </div>
    </form>
  )
}
