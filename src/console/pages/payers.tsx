/** Who pays: one of the sandbox's payers, or a new one. */
import { useState } from 'preact/hooks'
import { calls } from '../calls.ts'
import { t } from '../language.ts'
import { useLoad } from '../load.ts'
import { MakesCall, Outcome, useActing } from '../parts/act.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { client } from '../session.ts'
import { demoOrder } from '../texts/orders.ts'
import { payers as words } from '../texts/pay.ts'

function NewPayer({ onAdded, onClose }: { onAdded: (openid: string) => void; onClose: () => void }) {
  const [name, setName] = useState('')
  const [openid, setOpenid] = useState('')
  const { busy, outcome, act } = useActing()
  const given = openid === '' ? undefined : openid
  const add = () =>
    void act(async () => {
      const payer = await client.value.sandbox.addPayer(name.trim(), given)
      onAdded(payer.openid)
      return undefined
    })
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault()
        add()
      }}
    >
      <label>
        {t(words.name)}
        <input
          required
          maxLength={64}
          autocomplete="off"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label>
        {t(words.openid)}
        <input
          maxLength={128}
          pattern="[0-9A-Za-z_\-]+"
          title={t(words.openidForm)}
          autocomplete="off"
          spellcheck={false}
          value={openid}
          onInput={(event) => setOpenid(event.currentTarget.value)}
        />
        <small class="soft">{t(words.openidHint)}</small>
      </label>
      <MakesCall call={calls.payer(name, given)} />
      <Outcome outcome={outcome} />
      <div class="row end">
        <button type="button" onClick={onClose}>
          {t(demoOrder.cancel)}
        </button>
        <button type="submit" class="main" disabled={busy}>
          {t(words.add)}
        </button>
      </div>
    </form>
  )
}

export function Payers({ openid, choose }: { openid: string | undefined; choose: (openid: string) => void }) {
  const loaded = useLoad(() => client.value.sandbox.payers(), [])
  const [open, setOpen] = useState(false)
  const { value } = loaded
  if (value === undefined) return null
  const all = [{ openid: value.defaultOpenid, name: t(words.byDefault) }, ...value.payers]
  return (
    <div class="payers">
      <label>
        {t(words.payer)}
        <select value={openid ?? value.defaultOpenid} onChange={(event) => choose(event.currentTarget.value)}>
          {all.map((payer) => (
            <option key={payer.openid} value={payer.openid}>
              {payer.name === '' ? payer.openid : payer.name}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="plain add" onClick={() => setOpen(true)}>
        {t(words.title)}
      </button>
      {open ? (
        <Dialog title={t(words.title)} onClose={() => setOpen(false)}>
          <NewPayer
            onClose={() => setOpen(false)}
            onAdded={(added) => {
              setOpen(false)
              loaded.again()
              choose(added)
            }}
          />
        </Dialog>
      ) : null}
    </div>
  )
}
