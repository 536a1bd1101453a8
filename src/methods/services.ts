/** What every method works with, and who is calling. */
import type { Directory } from '../ledger/directory.ts'
import type { Environment } from '../ledger/environments.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { World } from '../ledger/world.ts'

export interface Services {
  readonly ledger: Ledger
  readonly directory: Directory
  readonly world: World
  /** Where a browser reaches this server, without a slash at the end. */
  readonly publicUrl: () => string
  /** Something an operator should read, once. */
  readonly notice: (message: string, facts: Readonly<Record<string, unknown>>) => void
}

export interface Caller {
  readonly environment: Environment
  /** The app that pays through another's environment: `cloud.cloudPay({ appid })`. */
  readonly appid: string | undefined
  /** Who pays a JSAPI order that names nobody, where the door knows its user. */
  readonly payer?: string | undefined
}

/** An outcome, and the sub_appid that its answer carries. */
export interface Answered<Outcome> {
  readonly outcome: Outcome
  readonly subAppid: string | undefined
}
