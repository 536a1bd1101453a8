/** How far this machine's clock is from the database's: gateways beside each other must agree on the time. */
import type { Statements } from './db.ts'

/** Asked so often: the first one may have to connect, and any may have to wait. */
const samples = 5

/**
 * What to add to the wall clock to get the database's time, in milliseconds; negative when this machine is
 * ahead. Of several answers the one that came fastest counts: the database's clock was read somewhere between
 * question and answer, and the middle is off by half that time at most.
 *
 * @throws LedgerUnavailable
 */
export async function measureClockOffset(db: Statements, wallClock: () => Date): Promise<number> {
  let best = { roundTripMs: Number.POSITIVE_INFINITY, offsetMs: 0 }
  for (let taken = 0; taken < samples; taken++) {
    const asked = wallClock().getTime()
    const [row] = await db.rows<{ now: Date }>('select clock_timestamp() as now')
    const answered = wallClock().getTime()
    if (row === undefined) continue
    // A wall clock that was set in between shows as an answer from the past: worth as little as a slow one.
    const roundTripMs = Math.abs(answered - asked)
    if (roundTripMs < best.roundTripMs) {
      best = { roundTripMs, offsetMs: Math.round(row.now.getTime() - (asked + answered) / 2) }
    }
  }
  return best.offsetMs
}
