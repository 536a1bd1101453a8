/**
 * Changes an environment's time. It goes on in steps, from one thing that is due to the next, and each is done before the
 * next step: when this returns, all that fell due until then is done, in order.
 */
import { type ClockChange, type ClockReading, changeClock } from '../ledger/clocks.ts'
import type { Environment } from '../ledger/environments.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { World } from '../ledger/world.ts'
import type { Engine } from './engine.ts'

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

interface Means {
  readonly ledger: Ledger
  readonly world: World
  readonly engine: Pick<Engine, 'walk'>
}

/** @throws LedgerUnavailable the time may have changed: read it. What is on its way goes on */
export async function changeEnvironmentClock(
  { ledger, world, engine }: Means,
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
  if (changed === 'back') return { outcome: 'back' }
  return { outcome: 'changed', clock: await walkTo(engine, environment, changed) }
}

/** A walk that ends just as the clock is told to go further knows nothing of it: then another one goes on. */
const mostWalks = 3

async function walkTo(engine: Means['engine'], environment: Environment, asked: ClockReading) {
  let clock = asked
  for (let walk = 0; asked.target !== undefined && clock.now < asked.target && walk < mostWalks; walk++) {
    clock = await engine.walk(environment)
  }
  return clock
}
