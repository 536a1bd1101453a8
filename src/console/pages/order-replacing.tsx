/** Paying again with a new number: an order that takes the place of an unpaid one, so that never both are paid. */
import { useState } from 'preact/hooks'
import type { ApiOrderDetail } from '../../client/index.ts'
import { calls } from '../calls.ts'
import { t } from '../language.ts'
import { timeNow } from '../live.ts'
import { MakesCall, Outcome, useActing } from '../parts/act.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { replacing as words } from '../texts/order.ts'
import { demoOrder } from '../texts/orders.ts'
import { inItsPlace, nextNumber, orderAndGo } from './ordering.ts'

/** Nobody paid it, nothing took its place yet, and there is something to order again. */
export const isReplaceable = ({ state, late, replacedBy, request }: ApiOrderDetail) =>
  (state === 'NOTPAY' || state === 'CLOSED') &&
  late === undefined &&
  replacedBy === undefined &&
  request !== undefined

function Form({ order, onClose }: { order: ApiOrderDetail; onClose: () => void }) {
  const [number, setNumber] = useState(() => nextNumber(order.outTradeNo))
  const { busy, outcome, act } = useActing()
  const asked = inItsPlace(order, number, timeNow())
  const replace = () => void act(() => orderAndGo(asked, onClose, order.subMchId))
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault()
        replace()
      }}
    >
      <p>{t(words.why, { number: order.outTradeNo })}</p>
      <label>
        {t(words.number)}
        <input
          required
          maxLength={32}
          pattern="[0-9A-Za-z_\-\|*@]+"
          autocomplete="off"
          spellcheck={false}
          value={number}
          onInput={(event) => setNumber(event.currentTarget.value)}
        />
      </label>
      <MakesCall call={calls.order(asked, order.subMchId)} />
      <p class="soft">{t(words.inCode, { number: order.outTradeNo })}</p>
      <Outcome outcome={outcome} />
      <div class="row end">
        <button type="button" onClick={onClose}>
          {t(demoOrder.cancel)}
        </button>
        <button type="submit" class="main" disabled={busy || number === ''}>
          {t(words.make)}
        </button>
      </div>
    </form>
  )
}

export function Replacing({ order }: { order: ApiOrderDetail }) {
  const [open, setOpen] = useState(false)
  if (!isReplaceable(order)) return null
  return (
    <div class="action">
      <button type="button" onClick={() => setOpen(true)}>
        {t(words.title)}
      </button>
      <span class="soft">{t(words.hint)}</span>
      {open ? (
        <Dialog title={t(words.title)} onClose={() => setOpen(false)}>
          <Form order={order} onClose={() => setOpen(false)} />
        </Dialog>
      ) : null}
    </div>
  )
}
