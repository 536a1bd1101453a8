/** What everybody works with who asks a channel, and how long an answer is waited for. */
import type { Unsure } from '../../channels/channel.ts'
import type { Directory } from '../../ledger/directory.ts'
import type { Order } from '../../ledger/order.ts'
import type { ReturnMeans } from '../return-late.ts'
import { answerWithinMs } from './pace.ts'

export interface AskerMeans extends ReturnMeans {
  readonly directory: Pick<Directory, 'environment'>
  /** Real time goes by. */
  readonly pause: (ms: number) => Promise<void>
  /** An order moved: was made, closed, paid, or paid too late. Must not throw. */
  readonly onMoved: (before: Order, after: Order, at: Date) => void
  /** Something went wrong here: for the log. Must not throw. */
  readonly onTrouble: (message: string, error: unknown) => void
  /** A step is over, and its place is free. Must not throw. */
  readonly onOver: () => void
}

/** What an answer is waited for, and no longer: after that it is none. */
export async function answerOf<A extends object>(
  pause: AskerMeans['pause'],
  ask: () => Promise<A | Unsure>,
): Promise<A | Unsure> {
  const asked = ask().catch((error: unknown): Unsure => ({ unsure: String(error) }))
  const tired = pause(answerWithinMs).then(
    (): Unsure => ({ unsure: `no answer within ${answerWithinMs} ms` }),
  )
  return Promise.race([asked, tired])
}
