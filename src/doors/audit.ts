/** Puts on record what a person changed, with its outcome: who, by which program, what was asked. */
import { setTimeout } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { writeAudit } from '../ledger/audit.ts'
import { LedgerUnavailable } from '../ledger/db/db.ts'
import { clientHeader } from '../protocol/api/audit.ts'
import { quoted } from '../protocol/cloud-function/refusal.ts'
import type { DoorServices } from './door-services.ts'
import { withoutSecrets } from './kept-texts.ts'
import type { Answer } from './sandbox/answer.ts'

const mostAsked = 1_000
/** Whoever asked for a change waits no longer for its record: a table may be locked, by a backup or a migration. */
const patienceMs = 500

/** The program that a person uses, where it says so. */
export function clientOf({ headers }: FastifyRequest): string | undefined {
  const client = headers[clientHeader]
  return typeof client === 'string' && /^[0-9A-Za-z_.-]{1,32}$/.test(client) ? client : undefined
}

/** As PostgreSQL stores it. */
const askedText = (json: unknown) =>
  Buffer.from(JSON.stringify(json, withoutSecrets).slice(0, mostAsked)).toString().replaceAll('\0', '?')

export interface Change {
  readonly action: string
  readonly envId: string
  readonly json: unknown
}

interface Came {
  readonly status: number
  readonly outcome: string
}

const cameOf = (answer: Answer): Came => ({
  status: answer.status,
  outcome: 'code' in answer ? quoted(answer.code) : 'ok',
})

/** It may be done all the same. */
const cameToNothing = (error: unknown): Came =>
  error instanceof LedgerUnavailable
    ? { status: 503, outcome: 'LEDGER_UNAVAILABLE' }
    : { status: 500, outcome: 'INTERNAL' }

/** What cannot be put on record is in the log of the process. */
async function record(
  { ledger, world, notice }: DoorServices,
  request: FastifyRequest,
  { action, envId, json }: Change,
  came: Came,
): Promise<void> {
  try {
    const who = request.headers.authorization === undefined ? 'local' : 'administrator'
    await writeAudit(ledger, {
      id: request.id,
      envId,
      at: world.wallClock(),
      who: `${who} ${request.ip}`,
      client: clientOf(request),
      action,
      asked: askedText(json),
      ...came,
    })
  } catch (error) {
    notice('a change is not in the audit log', {
      id: request.id,
      envId,
      action,
      status: came.status,
      error: error instanceof Error ? error.message : String(error),
    })
  }
}

/** Carries a change out and puts it on record, whatever comes of it. @throws as `carryOut` */
export async function onRecord<Result extends Answer | 'streams'>(
  services: DoorServices,
  request: FastifyRequest,
  change: Change,
  carryOut: () => Promise<Result>,
): Promise<Result> {
  const put = (came: Came) =>
    Promise.race([record(services, request, change, came), setTimeout(patienceMs, undefined, { ref: false })])
  try {
    const answer = await carryOut()
    if (answer !== 'streams') await put(cameOf(answer))
    return answer
  } catch (error) {
    await put(cameToNothing(error))
    throw error
  }
}
