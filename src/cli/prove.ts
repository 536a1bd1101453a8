/** `cloudpay prove <number>`: why an order is safe to replace or not. Asks the server; decides nothing. */
import type { Variables } from '../client/without-proxy.ts'
import { type Proof, proof as proofSchema } from '../protocol/api/proof.ts'
import { checkedNumber, exitCodes, failureOf, type OperatorFlags, readOperator } from './operator.ts'
import { asWire } from './order-text.ts'
import { provePage } from './prove-page.ts'
import type { Terminal } from './terminal.ts'

function exitCodeOf({ safe, evidence, purchase }: Proof): number {
  if (safe) return exitCodes.done
  return evidence.holds === 'paid' || purchase?.paid !== undefined ? exitCodes.paid : exitCodes.notYet
}

/**
 * @returns the exit code
 * @throws StartRefused
 */
export async function prove(
  given: string,
  flags: OperatorFlags,
  variables: Variables,
  terminal: Terminal,
): Promise<number> {
  const { cloudPay, origin, envId } = readOperator(flags, variables)
  const number = checkedNumber(given)
  try {
    const proved = await cloudPay.prove(number)
    if (proved.outcome === 'not-found') {
      terminal.warn({
        zh: `环境 ${envId} 没有订单 ${number}；请核对订单号、--sub-mch-id 和 --env-id`,
        en: `environment ${envId} has no order ${number}; check the number, --sub-mch-id and --env-id`,
      })
      return exitCodes.unknown
    }
    const { proof } = proved
    if (flags.json === true) terminal.print(JSON.stringify(asWire(proofSchema, proof), null, 2))
    else for (const line of provePage(proof, terminal.language)) terminal.print(line)
    return exitCodeOf(proof)
  } catch (error) {
    const failure = failureOf(origin, error)
    if (failure === undefined) throw error
    terminal.warn(failure.text)
    return failure.exitCode
  }
}
