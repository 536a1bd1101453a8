/** Puts on record what a person changed, with its outcome: who, by which program, what was asked. */
import type { FastifyRequest } from 'fastify'
import { writeAudit } from '../ledger/audit.ts'
import { clientHeader } from '../protocol/api/audit.ts'
import { quoted } from '../protocol/cloud-function/refusal.ts'
import type { DoorServices } from './door-services.ts'
import type { Answer } from './sandbox/answer.ts'

const mostAsked = 1_000

/** The program that a person uses, where it says so. */
export function clientOf({ headers }: FastifyRequest): string | undefined {
  const client = headers[clientHeader]
  return typeof client === 'string' && /^[0-9A-Za-z_.-]{1,32}$/.test(client) ? client : undefined
}

/** A host's own token is the only secret that a body of these doors holds. */
const withoutToken = (name: string, value: unknown) => (name === 'token' ? '***' : value)

/** As PostgreSQL stores it. */
const askedText = (json: unknown) =>
  Buffer.from(JSON.stringify(json, withoutToken).slice(0, mostAsked)).toString().replaceAll('\0', '?')

/** What cannot be put on record is in the log of the process; it is done all the same. */
export async function audit(
  { ledger, world, notice }: DoorServices,
  request: FastifyRequest,
  action: string,
  envId: string,
  json: unknown,
  answer: Answer,
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
      status: answer.status,
      outcome: 'code' in answer ? quoted(answer.code) : 'ok',
    })
  } catch (error) {
    notice('a change is not in the audit log', {
      id: request.id,
      envId,
      action,
      status: answer.status,
      error: error instanceof Error ? error.message : String(error),
    })
  }
}
