/** Which orders are shown: a number to search for, state, time, merchant. All of it stands in the address. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { orderStates } from '../../protocol/api/orders.ts'
import { address, filterBy } from '../address.ts'
import { t } from '../language.ts'
import { Icon } from '../parts/icons.tsx'
import { orders as words } from '../texts/orders.ts'
import { orderStateWords } from '../texts/states.ts'

type OrderState = (typeof orderStates)[number]

export function stateIn(given: string | undefined): readonly OrderState[] | undefined {
  const known = orderStates.find((state) => state === given)
  return known === undefined ? undefined : [known]
}

export const isFiltered = () =>
  ['search', 'state', 'since', 'merchant'].some((name) => address.value.filters[name] !== undefined)

const spans = [
  ['1h', words.lastHour],
  ['24h', words.lastDay],
  ['7d', words.lastWeek],
] as const

/** Those that only a channel that has to be asked knows are not offered. */
const offered: readonly OrderState[] = ['NOTPAY', 'SUCCESS', 'REFUND', 'CLOSING', 'CLOSED']

/** After the last key; whoever presses Enter or leaves the field need not wait. */
const searchAfterMs = 250

/** Takes effect as one types. */
function TextFilter({ name, label, hint }: { name: string; label: string; hint: string }) {
  const stands = address.value.filters[name] ?? ''
  const [text, setText] = useState(stands)
  const typed = useRef(text)
  typed.current = text
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  // What is being typed is ahead of what stands in the address.
  useEffect(() => {
    if (timer.current === undefined && typed.current.trim() !== stands) setText(stands)
  }, [stands])
  const apply = () => {
    clearTimeout(timer.current)
    timer.current = undefined
    const wanted = typed.current.trim()
    if (wanted !== (address.value.filters[name] ?? '')) filterBy({ [name]: wanted })
  }
  const type = (given: string) => {
    setText(given)
    clearTimeout(timer.current)
    timer.current = setTimeout(apply, searchAfterMs)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    <form
      class={`filter ${name}`}
      role={name === 'search' ? 'search' : undefined}
      onSubmit={(event) => {
        event.preventDefault()
        apply()
      }}
    >
      <label>
        <span class="unseen">{label}</span>
        {name === 'search' ? <Icon name="search" /> : null}
        <input
          type="search"
          value={text}
          placeholder={hint}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => type(event.currentTarget.value)}
          onBlur={apply}
        />
      </label>
    </form>
  )
}

export const OrderFilters = () => (
  <div class="filters">
    <TextFilter name="search" label={t(words.search)} hint={t(words.searchHint)} />
    <label>
      <span class="unseen">{t(words.state)}</span>
      <select
        value={address.value.filters.state ?? ''}
        onChange={(event) => filterBy({ state: event.currentTarget.value })}
      >
        <option value="">{t(words.allStates)}</option>
        {offered.map((state) => (
          <option key={state} value={state}>
            {t(orderStateWords[state])}
          </option>
        ))}
      </select>
    </label>
    <label>
      <span class="unseen">{t(words.since)}</span>
      <select
        value={address.value.filters.since ?? ''}
        onChange={(event) => filterBy({ since: event.currentTarget.value })}
      >
        <option value="">{t(words.anyTime)}</option>
        {spans.map(([since, text]) => (
          <option key={since} value={since}>
            {t(text)}
          </option>
        ))}
      </select>
    </label>
    <TextFilter name="merchant" label={t(words.merchant)} hint={t(words.allMerchants)} />
  </div>
)
