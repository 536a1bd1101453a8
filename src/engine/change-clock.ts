/**
 * Changes an environment's time. Nothing is due by itself in this version, so an advance only moves the time; callers
 * may already rely on its promise: when it returns, all that fell due until then is done.
 */
import { type ClockChange, type ClockReading, changeClock } from '../ledger/clocks.ts'
import type { Environment } from '../ledger/environments.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { World } from '../ledger/world.ts'

/** Wire times have four digits for the year, and cards expire: nobody tests further ahead. */
/** Before any payment of WeChat's, and within what every database holds. */
const startOfTime = new Date('2000-01-01T00:00:00+08:00')
const endOfTime = new Date('2100-01-01T00:00:00+08:00')

export type ClockOutcome =
  | { readonly outcome: 'changed'; readonly clock: ClockReading }
  /** Real clocks cannot be changed. */
  | { readonly outcome: 'real' }
  /** There are orders, and their time cannot be taken back. */
  | { readonly outcome: 'back' }
  | { readonly outcome: 'too-far'; readonly start: Date; readonly end: Date }

/** @throws LedgerUnavailable the time may have changed: read it */
export async function changeEnvironmentClock(
  { ledger, world }: { readonly ledger: Ledger; readonly world: World },
  environment: Environment,
  change: ClockChange,
): Promise<ClockOutcome> {
  if (environment.clock === 'real') return { outcome: 'real' }
  const changed = await changeClock(ledger.db, environment.envId, change, {
    wallClock: world.wallClock,
    startOfTime,
    endOfTime,
  })
  if (changed === 'too-far') return { outcome: 'too-far', start: startOfTime, end: endOfTime }
  return changed === 'back' ? { outcome: 'back' } : { outcome: 'changed', clock: changed }
}
