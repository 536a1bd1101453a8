/** `cloudpay prove <number>`: why an order is safe to replace or not. Asks the server; decides nothing. */
import { type Proof, proof as proofSchema } from '../protocol/api/proof.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { merchantNamed } from './find-order.ts'
import { jsonText } from './json-text.ts'
import { checkedNumber, noSuchOrder, type OperatorFlags, operated } from './operator.ts'
import { asWire } from './order-text.ts'
import { provePage } from './prove-page.ts'

function exitCodeOf({ safe, evidence, purchase }: Proof): number {
  if (safe) return exitCodes.done
  return evidence.holds === 'paid' || purchase?.paid !== undefined ? exitCodes.paid : exitCodes.notYet
}

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const prove = (given: string, flags: OperatorFlags, context: Context): Promise<number> =>
  operated(flags, context, async (operator, terminal) => {
    const number = checkedNumber(given)
    const proved = await operator.cloudPay.prove(number)
    if (proved.outcome === 'not-found') {
      terminal.warn(await noSuchOrder(operator, number))
      return exitCodes.unknown
    }
    const { proof } = proved
    if (flags.json === true) terminal.print(jsonText(asWire(proofSchema, proof)))
    else {
      const named = { hints: operator.hints, subMchId: merchantNamed(operator, number, proof) }
      for (const line of provePage(proof, terminal.language, named)) terminal.print(line)
    }
    return exitCodeOf(proof)
  })
