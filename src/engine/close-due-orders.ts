/**
 * The lane of money, as far as closing goes: closes what is due, of the longest due first; where that is more than one look
 * can close, every merchant gets its turn.
 */
import {
  type CloseDue,
  type ClosedDue,
  closeInTurn,
  closeLongestDue,
  nextInTurn,
  type Turn,
} from '../ledger/close-due-orders.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { LanePlace } from '../ledger/tell-lane.ts'
import { newCommandId, type World } from '../ledger/world.ts'

/** Of one statement: some ten milliseconds of the database's time. */
const mostAtOnce = 500
/** Merchants that share a statement, when there is more than one statement can close. */
const mostTurns = 50

interface Means {
  readonly ledger: Ledger
  readonly world: World
  readonly onClosed: (closed: readonly ClosedDue[], at: Date) => void
}

export interface Closer {
  /**
   * @param at on the environment's clock
   * @returns how many were closed. @throws LedgerUnavailable those that are left are due as before
   */
  closeDue(place: LanePlace, at: Date): Promise<number>
}

/** Whose turn it is next is a hint, kept here: whoever starts anew begins with the first merchant. */
export function openCloser({ ledger, world, onClosed }: Means): Closer {
  const turns = new Map<string, Turn | undefined>()

  async function inTurn(place: LanePlace, asked: CloseDue): Promise<readonly ClosedDue[]> {
    const key = `${place.part} ${place.clock}`
    const next = await nextInTurn(
      ledger.db,
      { ...place, dueBy: asked.at, wall: world.wallClock() },
      turns.get(key),
      mostTurns,
    )
    turns.set(key, next.length < mostTurns ? undefined : next.at(-1))
    const due = next.filter(({ isDue }) => isDue)
    return due.length === 0 ? [] : closeInTurn(ledger.db, asked, due)
  }

  return {
    async closeDue(place, at) {
      const ask = () => ({ ...place, at, commandId: newCommandId(world), limit: mostAtOnce })
      const longest = await closeLongestDue(ledger.db, ask())
      onClosed(longest, at)
      if (longest.length < mostAtOnce) return longest.length
      const others = await inTurn(place, ask())
      onClosed(others, at)
      return longest.length + others.length
    },
  }
}
