/** One control of the sandbox: its name, what it takes, what it does. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Environment } from '../../ledger/environments.ts'
import { firstProblem } from '../../protocol/format-problem.ts'
import type { Text } from '../../protocol/text.ts'
import type { DoorServices } from '../door-services.ts'
import { type AskedOf, askedOf } from '../merchant-asked.ts'
import { type Answer, env_id } from './answer.ts'

type CarryOut<Asked> = (
  services: DoorServices,
  environment: Environment,
  asked: Asked,
  request: FastifyRequest,
) => Promise<Answer>

interface Definition<Schema extends z.ZodType<{ env_id?: string | undefined }>> {
  readonly method: 'GET' | 'POST'
  /** Its path is `/sandbox/<name>`. */
  readonly name: string
  readonly schema: Schema
  /** What looks like a number stands for many orders, of every merchant where none is named. */
  readonly ofMany?: true
  readonly carryOut: CarryOut<z.output<Schema>>
}

/** What was asked, read: whose sandbox, and how to do it once that is known. */
export interface Asked extends AskedOf {
  /** undefined: not said. */
  readonly envId: string | undefined
  /** For the record of the call. */
  readonly subMchId: string | undefined
  readonly outTradeNo: string | undefined
  readonly carryOut: (
    services: DoorServices,
    environment: Environment,
    request: FastifyRequest,
  ) => Promise<Answer>
}

export interface Control {
  readonly method: 'GET' | 'POST'
  readonly name: string
  readonly read: (json: unknown) => Asked | { readonly problem: Text }
}

/** What one control takes is known to itself alone. */
export const control = <Schema extends z.ZodType<{ env_id?: string | undefined }>>({
  method,
  name,
  schema,
  ofMany,
  carryOut,
}: Definition<Schema>): Control => ({
  method,
  name,
  read(json) {
    const asked = schema.safeParse(json)
    if (!asked.success) return { problem: firstProblem(asked.error, json) }
    const fields: Readonly<Record<string, unknown>> & { env_id?: string | undefined } = asked.data
    const textOf = (field: string) => (typeof fields[field] === 'string' ? fields[field] : undefined)
    return {
      envId: asked.data.env_id,
      subMchId: textOf('sub_mch_id'),
      outTradeNo: textOf('out_trade_no'),
      ...askedOf(json, fields, { ofMany: ofMany === true }),
      carryOut: (services, environment, request) => carryOut(services, environment, asked.data, request),
    }
  },
})

/** Of a GET that only needs to know whose sandbox. */
export const onlyEnvironment = z.strictObject({ env_id })
