/**
 * Whoever is told of payments and refunds: answers well, badly, late or not at all, and keeps what was acknowledged. What it heard
 * is compared with the ledger: nothing lost, nothing told that is not so.
 */
import type { Db } from '../../../src/ledger/db/db.ts'
import type { Chance } from '../../simulation/chance.ts'
import {
  acknowledges,
  acknowledgesXml,
  type CallbackTarget,
  openTarget,
  type Received,
  refuses,
  type Says,
} from '../../support/callback-target.ts'

export interface Listener {
  readonly target: CallbackTarget
  /** From now on every callback is acknowledged. */
  calmDown(): void
  /** @returns what is wrong */
  check(db: Db): Promise<string[]>
}

/** v2 speaks XML, containers JSON. */
const wellSaid = ({ headers }: Received) =>
  headers['content-type']?.includes('xml') === true ? acknowledgesXml : acknowledges
const badSaid = ({ headers }: Received): Says =>
  headers['content-type']?.includes('xml') === true ? { status: 500 } : refuses

interface Row {
  number: string
  state: string
  /** Named in what is told of it. */
  transaction_id: string
  notices: { kind: string; state: string; attempts: number }[]
}

export async function openListener(chance: Chance): Promise<Listener> {
  /** By path: what it was told first of those that it acknowledged. */
  const acknowledged = new Map<string, string>()
  let isCalm = false
  const target = await openTarget((received) => {
    if (!isCalm) {
      const mood = chance.next()
      if (mood < 0.06) return 'hang'
      if (mood < 0.12) return 'reset'
      if (mood < 0.2) return badSaid(received)
    }
    if (!acknowledged.has(received.path)) acknowledged.set(received.path, received.body)
    return wellSaid(received)
  })

  function* wrongWith(what: 'paid' | 'refunded', row: Row): Generator<string> {
    const path = `/${what}/${row.number}`
    const body = acknowledged.get(path)
    const notices = row.notices.filter(({ kind }) => kind === what)
    if (notices.length !== 1) yield `${row.number} is ${row.state}, and has ${notices.length} notices of it`
    for (const { state, attempts } of notices) {
      if (state !== 'delivered')
        yield `${row.number} was ${what}, and after ${attempts} attempts that is ${state}`
      if (body === undefined) yield `${row.number} was ${what}, and nobody acknowledged to be told (${state})`
    }
    // A refund's content is sealed in v2.
    if (body !== undefined && what === 'paid' && !body.includes(row.transaction_id))
      yield `${row.number} was told as paid by another transaction: ${body}`
    acknowledged.delete(path)
  }

  return {
    target,
    calmDown() {
      isCalm = true
    },
    async check(db) {
      const paid = await db.rows<Row>(
        `select out_trade_no as number, state, transaction_id, notices from orders where state in ('SUCCESS', 'REFUND')`,
      )
      const refunded = await db.rows<Row>(
        `select out_refund_no as number, state, transaction_id, notices from refunds`,
      )
      const wrong = [
        ...paid.flatMap((row) => [...wrongWith('paid', row)]),
        ...refunded.flatMap((row) => [...wrongWith('refunded', row)]),
      ]
      for (const [path] of acknowledged) wrong.push(`${path} was told, and never happened`)
      return wrong
    },
  }
}
