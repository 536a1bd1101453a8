/** A field for an amount in yuan, which says at once what is wrong with it. */
import { useId } from 'preact/hooks'
import type { AmountRead } from '../amount.ts'

export function AmountField({
  label,
  value,
  read,
  change,
  hint,
}: {
  label: string
  value: string
  read: AmountRead
  change: (value: string) => void
  hint?: string
}) {
  const id = useId()
  const problem = 'problem' in read ? read.problem : undefined
  return (
    <div class="field">
      <label>
        {label}
        <input
          inputMode="decimal"
          autocomplete="off"
          value={value}
          aria-invalid={problem !== undefined}
          aria-describedby={id}
          onInput={(event) => change(event.currentTarget.value)}
        />
      </label>
      <small id={id} class={problem === undefined ? 'soft' : 'problem'} role="status">
        {problem ?? hint}
      </small>
    </div>
  )
}
