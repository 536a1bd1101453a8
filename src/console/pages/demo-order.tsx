/** An order without any code: the same call that the SDK's unifiedOrder makes. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiConnect } from '../../client/index.ts'
import { demoMerchant } from '../../protocol/demo-merchant.ts'
import { readAmount } from '../amount.ts'
import { calls } from '../calls.ts'
import { t } from '../language.ts'
import { useLoad } from '../load.ts'
import { MakesCall, Outcome, useActing } from '../parts/act.tsx'
import { AmountField } from '../parts/amount-field.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Shown } from '../parts/states.tsx'
import { client } from '../session.ts'
import { demoOrder as words } from '../texts/orders.ts'
import { orderAndGo, striking } from './ordering.ts'

const types = ['JSAPI', 'NATIVE', 'MWEB'] as const

/** As nobody else has one: the day, and some letters. */
function freshNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(4))
  return `DEMO-${[...bytes]
    .map((byte) => byte.toString(36).padStart(2, '0'))
    .join('')
    .toUpperCase()}`
}

/** Whose order it is: a choice where the environment lists several; where it lists none, any number may be tried. */
function MerchantField({
  merchants,
  value,
  change,
}: {
  merchants: ApiConnect['merchants']
  value: string
  change: (value: string) => void
}) {
  if (merchants.length === 1) return null
  if (merchants.length === 0)
    return (
      <label>
        {t(words.merchant)}
        <input
          required
          maxLength={32}
          value={value}
          onInput={(event) => change(event.currentTarget.value.trim())}
        />
      </label>
    )
  return (
    <label>
      {t(words.merchant)}
      <select value={value} onChange={(event) => change(event.currentTarget.value)}>
        {merchants.map(({ subMchId }) => (
          <option key={subMchId} value={subMchId}>
            {subMchId}
          </option>
        ))}
      </select>
    </label>
  )
}

function Form({
  connection,
  payer,
  onClose,
}: {
  connection: ApiConnect
  /** Of a sandbox: whoever pays where nobody is named. */
  payer: string | undefined
  onClose: () => void
}) {
  const [merchant, setMerchant] = useState(connection.subMchId ?? demoMerchant)
  const [number, setNumber] = useState(freshNumber)
  const [body, setBody] = useState(t(words.tea))
  const [amount, setAmount] = useState('9.90')
  const [type, setType] = useState<(typeof types)[number]>('JSAPI')
  const [openid, setOpenid] = useState(payer ?? '')
  const [tells, setTells] = useState<'function' | 'url'>('function')
  const [functionName, setFunctionName] = useState('payCallback')
  const [notifyUrl, setNotifyUrl] = useState('http://127.0.0.1:3000/notify')
  const { busy, outcome, act } = useActing()
  const form = useRef<HTMLFormElement>(null)
  // It comes after its dialog, which had nothing to begin with.
  useEffect(() => form.current?.querySelector('input')?.focus(), [])

  const read = readAmount(amount)
  const struck = striking()
  const namesPayer = type === 'JSAPI' && connection.defaultOpenid === undefined

  const asked =
    'problem' in read
      ? undefined
      : {
          outTradeNo: number,
          body,
          totalFee: read.fen,
          tradeType: type,
          spbillCreateIp: '127.0.0.1',
          ...(namesPayer ? { openid } : {}),
          ...(tells === 'function' ? { functionName } : { notifyUrl }),
        }

  const make = () =>
    void act(async () => (asked === undefined ? undefined : orderAndGo(asked, onClose, merchant)))
  return (
    <form
      ref={form}
      class="form"
      onSubmit={(event) => {
        event.preventDefault()
        make()
      }}
    >
      <p class="soft">{t(words.why)}</p>
      <label>
        {t(words.number)}
        <input
          required
          maxLength={32}
          value={number}
          onInput={(event) => setNumber(event.currentTarget.value)}
        />
      </label>
      <MerchantField merchants={connection.merchants} value={merchant} change={setMerchant} />
      <div class="two">
        <label>
          {t(words.body)}
          <input
            required
            maxLength={127}
            value={body}
            onInput={(event) => setBody(event.currentTarget.value)}
          />
        </label>
        <AmountField label={t(words.amount)} value={amount} read={read} change={setAmount} />
      </div>
      <label>
        {t(words.type)}
        <select
          value={type}
          onChange={(event) => setType(types[event.currentTarget.selectedIndex] ?? 'JSAPI')}
        >
          {types.map((one) => (
            <option key={one} value={one}>
              {t(words[one])}
            </option>
          ))}
        </select>
      </label>
      {namesPayer ? (
        <label>
          {t(words.payer)}
          <input
            required
            maxLength={128}
            value={openid}
            onInput={(event) => setOpenid(event.currentTarget.value.trim())}
          />
          <small class="soft">{t(words.payerHint)}</small>
        </label>
      ) : null}
      <fieldset class="choice">
        <legend>{t(words.tells)}</legend>
        {(['function', 'url'] as const).map((one) => (
          <label key={one}>
            <input type="radio" name="tells" checked={tells === one} onChange={() => setTells(one)} />
            <span>{t(words[one])}</span>
          </label>
        ))}
      </fieldset>
      {tells === 'function' ? (
        <label>
          {t(words.functionName)}
          <input
            required
            value={functionName}
            onInput={(event) => setFunctionName(event.currentTarget.value)}
          />
        </label>
      ) : (
        <label>
          {t(words.address)}
          <input
            required
            type="url"
            value={notifyUrl}
            onInput={(event) => setNotifyUrl(event.currentTarget.value)}
          />
        </label>
      )}
      {struck.length === 0 ? null : <p class="soft">{t(words.faultsOn, { faults: struck.join(' · ') })}</p>}
      {asked === undefined ? null : <MakesCall call={calls.order(asked, merchant)} />}
      <Outcome outcome={outcome} />
      <div class="row end">
        <button type="button" onClick={onClose}>
          {t(words.cancel)}
        </button>
        <button type="submit" class="main" disabled={busy || asked === undefined}>
          {t(words.make)}
        </button>
      </div>
    </form>
  )
}

function Asking({ onClose }: { onClose: () => void }) {
  const loaded = useLoad(async () => {
    const connection = await client.value.connect()
    if (connection.defaultOpenid !== undefined) return { connection, payer: undefined }
    // Only a sandbox has payers of its own.
    const payers = await client.value.sandbox.payers().catch(() => undefined)
    return { connection, payer: payers?.defaultOpenid }
  }, [])
  return (
    <Dialog title={t(words.title)} onClose={onClose}>
      <Shown loaded={loaded}>
        {({ connection, payer }) => <Form connection={connection} payer={payer} onClose={onClose} />}
      </Shown>
    </Dialog>
  )
}

export function DemoOrderButton() {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {t(words.title)}
      </button>
      {open ? <Asking onClose={() => setOpen(false)} /> : null}
    </>
  )
}
