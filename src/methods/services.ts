/** What every method works with, and who is calling. */
import type { ChannelOf } from '../channels/channel.ts'
import type { Faults } from '../channels/sandbox/faults.ts'
import type { Directory } from '../ledger/directory.ts'
import type { Environment } from '../ledger/environments.ts'
import type { Hosts } from '../ledger/hosts.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { AskedFault } from '../ledger/notices.ts'
import type { Order } from '../ledger/order.ts'
import type { OrderKey } from '../ledger/order-key.ts'
import type { Refund, RefundKey } from '../ledger/refund.ts'
import type { World } from '../ledger/world.ts'
import type { MadeAs } from '../protocol/answer.ts'

/** Works on what a channel has to be asked, in the same way as the engine does: whoever waits need not wait for it to look. */
export interface Asking {
  /**
   * Until nothing of the order has to be asked at once, or until then.
   * @returns the order as it is then. @throws LedgerUnavailable
   */
  workOn(environment: Environment, key: OrderKey, until: Date): Promise<Order | undefined>
  /** Until the channel took the refund on or refused it, or until then. @throws LedgerUnavailable */
  workOnRefund(environment: Environment, key: RefundKey, until: Date): Promise<Refund | undefined>
}

export interface Services {
  readonly ledger: Ledger
  readonly channelOf: ChannelOf
  readonly asking: Asking
  readonly directory: Directory
  readonly hosts: Hosts
  readonly faults: Faults
  readonly world: World
  /** Where a browser reaches this server, without a slash at the end. */
  readonly publicUrl: () => string
  /** Something fell due: the engine need not wait for its next look. Never throws, never waits. */
  readonly workIsDue: () => void
  /** Until all that is due in an environment was done or tried, but for at most a few seconds. */
  readonly untilQuiet: (environment: Environment) => Promise<void>
  /** An order or a refund is there that was not before: a repeated call makes none. Must not throw. */
  readonly onMade: (what: 'ordered' | 'refunded', envId: string) => void
  /** Something an operator should read, once. */
  readonly notice: (message: string, facts: Readonly<Record<string, unknown>>) => void
}

export interface Caller {
  readonly environment: Environment
  /** The app that pays through another's environment: `cloud.cloudPay({ appid })`. */
  readonly appid: string | undefined
  /** Who pays a JSAPI order that names nobody, where the door knows its user. */
  readonly payer?: string | undefined
  /** What is made by the call is told of in the same name and form. */
  readonly madeAs: MadeAs
  /** Asked for with the call itself. */
  readonly faults: readonly AskedFault[]
}

/** An outcome, and the sub_appid that its answer carries. */
export interface Answered<Outcome> {
  readonly outcome: Outcome
  readonly subAppid: string | undefined
}

/** How long a caller waits for a channel: then it hears SYSTEMERROR, not done or not known. Less than 8 s. Source: design. */
const channelPatienceMs = 7_000
export const patience = ({ world }: Pick<Services, 'world'>): Date =>
  new Date(world.wallClock().getTime() + channelPatienceMs)
