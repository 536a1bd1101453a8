/** `GET /api/orders/{out_trade_no}/proof`: why an order is safe to replace or not. */
import type { z } from 'zod'
import { proveOrder } from '../../engine/prove-order.ts'
import { environmentTime } from '../../ledger/clocks.ts'
import { findEvidence } from '../../ledger/order-evidence.ts'
import { orderKey } from '../../ledger/order-key.ts'
import { deepSnake } from '../../protocol/api/deep-keys.ts'
import { oneOrder } from '../../protocol/api/fields.ts'
import { problem } from '../../protocol/api/problem.ts'
import { proof } from '../../protocol/api/proof.ts'
import { orderNotFound } from './refusals.ts'
import { route, shown } from './route.ts'

export const proveTheOrder = route({
  method: 'GET',
  path: '/api/orders/:out_trade_no/proof',
  name: 'proveOrder',
  about:
    'Whether a new number can be ordered in the place of this one without anybody paying twice, and why.',
  schema: oneOrder,
  answers: { 200: proof, 400: problem, 404: problem },
  async carryOut({ ledger, world }, environment, asked) {
    // The clock first: what the rules say of a moment then holds of a row that was read after it.
    const now = await environmentTime(ledger, environment, world.wallClock())
    const key = orderKey(ledger, environment.envId, asked.sub_mch_id, asked.out_trade_no)
    const found = await findEvidence(ledger.db, key)
    if (found === undefined) return orderNotFound(environment, asked)
    const view = deepSnake(proveOrder(found, environment, now)) as z.output<typeof proof>
    return { status: 200, body: shown(proof, view) }
  },
})
