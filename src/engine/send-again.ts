/** Sends notices again that a person asks for: of one order or refund, or all that stand so. */
import { environmentTime } from '../ledger/clocks.ts'
import type { Environment } from '../ledger/environments.ts'
import type { Hosts } from '../ledger/hosts.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { listNotices } from '../ledger/list-notices.ts'
import type { Notice, NoticeState } from '../ledger/notices.ts'
import { changeNotices, type TellKey } from '../ledger/tell-lane.ts'
import type { World } from '../ledger/world.ts'
import { type CallbackTarget, targetOf } from '../protocol/callback-target.ts'
import { camelKeys } from '../protocol/camel-keys.ts'
import { isDue, sentAgain } from './next-step.ts'

const attempted = (notice: Notice): Notice => ({ ...notice, attempts: notice.attempts + 1 })

interface Means {
  readonly ledger: Ledger
  readonly world: World
  readonly engine: { nudge(): void }
}

/**
 * Those that are not delivered; when all are, the last one, as a duplicate would come.
 * @param isTold an attempt at those that are due is under way: it was made, whatever comes of it
 */
function again(kept: readonly Notice[], isTold: boolean, at: Date): readonly Notice[] | undefined {
  if (kept.length === 0) return undefined
  const notices = isTold ? kept.map((notice) => (isDue(notice, at) ? attempted(notice) : notice)) : kept
  const open = notices.some((notice) => notice.state !== 'delivered')
  return notices.map((notice, place) =>
    (open ? notice.state !== 'delivered' : place === notices.length - 1) ? sentAgain(notice, at) : notice,
  )
}

/** @returns whether there was something to send; undefined: there is no such order or refund. @throws LedgerUnavailable */
export async function sendOneAgain(
  { ledger, world, engine }: Means,
  environment: Environment,
  key: TellKey,
): Promise<boolean | undefined> {
  const wall = world.wallClock()
  const at = await environmentTime(ledger, environment, wall)
  const notices = await changeNotices(ledger, key, wall, (kept, isTold) => again(kept, isTold, at))
  engine.nudge()
  return notices === undefined ? undefined : notices.length > 0
}

/** @param subMchId left out: of every merchant; @param most of one call; @returns how many orders and refunds; @throws LedgerUnavailable some may be sent again */
export async function sendAllAgain(
  means: Means,
  environment: Environment,
  { state, subMchId: whose }: { readonly state: NoticeState; readonly subMchId: string | undefined },
  most: number,
): Promise<number> {
  const { envId } = environment
  const listed = await listNotices(means.ledger, { envId, subMchId: whose, states: [state], limit: most })
  let sent = 0
  for (const { subject, part, subMchId, number } of listed) {
    const key = { subject, part, envId, subMchId, number }
    if ((await sendOneAgain(means, environment, key)) === true) sent++
  }
  return sent
}

/** Most that wait for one host; others are tried again in their own time. */
const mostWaiting = 1_000

/**
 * Somebody hosts what nobody hosted before: what could not be delivered to it need not wait for its next try.
 * @throws LedgerUnavailable what was not sent again is tried again in its own time
 */
export async function sendToNewHost(
  means: Means & { readonly hosts: Pick<Hosts, 'find'> },
  environment: Environment,
): Promise<void> {
  const { envId } = environment
  const states = ['undeliverable'] as const
  for (const told of await listNotices(means.ledger, { envId, states, limit: mostWaiting })) {
    const { subject, part, subMchId, number, request } = told
    // Checked by its schema before it was stored: it is believed here.
    const target = targetOf(camelKeys(request as CallbackTarget))
    if (target === undefined || target.kind === 'url') continue
    if ((await means.hosts.find(environment, target)) === undefined) continue
    await sendOneAgain(means, environment, { subject, part, envId, subMchId, number })
  }
}
