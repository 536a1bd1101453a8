/** How much a host takes on. */

export interface HostLimits {
  /** Instances of one function. The platform has far more; a developer's machine has not. */
  readonly instances: number
  /** Calls of one function that wait for an instance. */
  readonly waiting: number
  /** An instance that nobody needed for so long ends, but for the last. */
  readonly idleMs: number
  /** Until the code is loaded. */
  readonly loadMs: number
  /** After trouble, before another try that no change calls for; doubled each time. */
  readonly firstBackOffMs: number
  readonly mostBackOffMs: number
  /** Files that change one after another are one change. */
  readonly settleMs: number
  /** In a folder of more functions than this, none keeps an instance that nobody needs: each takes some 70 MB. */
  readonly keptWarm: number
}

export const hostLimits: HostLimits = {
  instances: 10,
  waiting: 100,
  idleMs: 60_000,
  loadMs: 30_000,
  firstBackOffMs: 1_000,
  mostBackOffMs: 60_000,
  settleMs: 100,
  keptWarm: 30,
}
