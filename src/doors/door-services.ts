/** What doors work with beyond the methods: the engine, and calls to hosted functions. */
import type { Engine } from '../engine/engine.ts'
import type { Invoked } from '../engine/invoke-function.ts'
import type { Environment } from '../ledger/environments.ts'
import type { Order } from '../ledger/order.ts'
import type { Tallies } from '../ledger/tallies.ts'
import type { Services } from '../methods/services.ts'
import type { Invocation } from '../protocol/function-host.ts'
import type { Watchers } from './api/watchers.ts'

/** The keys that are printed everywhere. */
export interface Demo {
  readonly secretId: string
  readonly secretKey: string
  readonly provider: { readonly apiKey: string }
  readonly subMchId: string
}

export interface DoorServices extends Services {
  readonly tallies: Tallies
  readonly watchers: Watchers
  readonly engine: Engine
  /** Of this package. */
  readonly version: string
  /** How the command line of this package is called where the server runs, as a shell reads it. */
  readonly command: string
  readonly demo: Demo
  /** A payment came too late: for metrics and the log. Must not throw. */
  readonly onLate: (order: Order) => void
  /** @throws LedgerUnavailable nobody knows who hosts the function */
  readonly invoke: (environment: Environment, invocation: Invocation, timeoutMs: number) => Promise<Invoked>
}
