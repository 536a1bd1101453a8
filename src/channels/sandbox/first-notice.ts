/** The notice that falls due with a payment or the outcome of a refund, as the faults asked for would have it. */
import type { AskedFault, Notice } from '../../ledger/notices.ts'
import type { Text } from '../../protocol/text.ts'
import { struckBy } from './faults.ts'

/** Why one is never sent: somebody asked for that. */
const lost: Text = {
  zh: '按故障 callback-lost 的要求不送',
  en: 'kept back, as the fault callback-lost asks for',
}

/** @param at on the environment's clock: when it falls due */
export function firstNotice(
  what: Pick<Notice, 'kind' | 'status'>,
  at: Date,
  faults: readonly AskedFault[],
): Notice {
  const since = at.toISOString()
  const begun = {
    ...what,
    since,
    attempts: 0,
    step: 0,
    ...(struckBy(faults, 'callback-bad-signature') === undefined ? {} : ({ badSignature: true } as const)),
  }
  // Never sent by itself, and there to be sent by hand.
  if (struckBy(faults, 'callback-lost') !== undefined)
    return { ...begun, state: 'exhausted', fault: { code: 'lost', ...lost } }
  const late = struckBy(faults, 'callback-out-of-order')?.ms ?? 0
  return {
    ...begun,
    state: 'pending',
    next: new Date(at.getTime() + late).toISOString(),
    ...(struckBy(faults, 'callback-duplicate') === undefined ? {} : { copies: 1 }),
  }
}
