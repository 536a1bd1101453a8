/** An environment's clock as it is shown, and what the engine does next on it. */
import type { z } from 'zod'
import { type ClockReading, clockName } from '../../ledger/clocks.ts'
import type { Environment } from '../../ledger/environments.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { type NextDue, nextDue } from '../../ledger/next-due.ts'
import type { clockAnswer } from '../../protocol/api/sandbox.ts'

type ClockView = z.output<typeof clockAnswer>

const nextView = ({ at, what, subMchId, outTradeNo, outRefundNo }: NextDue): ClockView['next'] => ({
  at,
  what,
  sub_mch_id: subMchId,
  out_trade_no: outTradeNo,
  out_refund_no: outRefundNo,
})

/** @throws LedgerUnavailable */
export async function clockView(
  ledger: Pick<Ledger, 'db'>,
  environment: Environment,
  { now, mode }: ClockReading,
): Promise<ClockView> {
  const isReal = environment.clock === 'real'
  const due = await nextDue(ledger, clockName(environment), now)
  const testMode = mode === 'running' ? 'running' : 'frozen'
  return {
    env_id: environment.envId,
    now,
    mode: isReal ? 'real' : testMode,
    next_due: due?.at,
    // Real time is everybody's: of whom the next thing is, an environment that runs on it does not say.
    next: due === undefined || isReal ? undefined : nextView(due),
  }
}
