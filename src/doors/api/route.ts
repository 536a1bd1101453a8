/** One route of the API: what it takes and answers, as schemas, and what it does. `/openapi.json` is made of the same. */
import type { ServerResponse } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Environment } from '../../ledger/environments.ts'
import { firstProblem } from '../../protocol/format-problem.ts'
import type { Text } from '../../protocol/text.ts'
import type { TransportFault } from '../call-faults.ts'
import type { DoorServices } from '../door-services.ts'
import { type AskedOf, askedOf } from '../merchant-asked.ts'
import type { Answer } from '../sandbox/answer.ts'

export type ApiAsked = { readonly env_id?: string | undefined }

interface Definition<Schema extends z.ZodObject> {
  readonly method: 'GET' | 'POST'
  /** As fastify writes it: `/api/orders/:out_trade_no`. */
  readonly path: string
  /** As the record of a call names it. */
  readonly name: string
  /** For people who read the description. */
  readonly about: string
  /** Of the path and the query, or of the body. */
  readonly schema: Schema
  /** The answer is a stream of events, each of the schema of 200. */
  readonly streams?: true
  /** An order: its number is nobody's yet. */
  readonly makes?: true
  /** By HTTP status. */
  readonly answers: Readonly<Record<number, z.ZodType>>
  readonly carryOut: (
    services: DoorServices,
    environment: Environment,
    asked: z.output<Schema>,
    call: Call,
  ) => Promise<Answer | 'streams'>
}

interface Call {
  /** In the log. */
  readonly id: string
  /** Has the answer go wrong on its way, as a fault asks for. */
  readonly spoil: (transport: TransportFault | undefined) => void
  /** Of what streams: written to by whoever answers `streams`, and by nobody else. */
  readonly response: ServerResponse
}

export interface ReadApi extends AskedOf {
  /** undefined: it is of the server as a whole. */
  readonly whose: { readonly envId: string | undefined } | undefined
  readonly subMchId: string | undefined
  readonly outTradeNo: string | undefined
  readonly carryOut: (
    services: DoorServices,
    environment: Environment | undefined,
    call: Call,
  ) => Promise<Answer | 'streams'>
}

export interface Route extends Omit<Definition<z.ZodObject>, 'carryOut'> {
  readonly read: (json: unknown) => ReadApi | { readonly problem: Text }
}

/** What one route takes is known to itself alone. */
export const route = <Schema extends z.ZodObject & z.ZodType<ApiAsked>>({
  carryOut,
  ...definition
}: Definition<Schema>): Route => ({
  ...definition,
  read(json) {
    const read = definition.schema.safeParse(json)
    if (!read.success) return { problem: firstProblem(read.error, json) }
    const asked: Readonly<Record<string, unknown>> & ApiAsked = read.data
    const textOf = (name: string) => (typeof asked[name] === 'string' ? asked[name] : undefined)
    return {
      whose: { envId: asked.env_id },
      subMchId: textOf('sub_mch_id'),
      outTradeNo: textOf('out_trade_no'),
      ...askedOf(json, asked, { makes: definition.makes ?? false }),
      async carryOut(services, environment, call) {
        if (environment === undefined) throw new Error(`${definition.name} is of an environment`)
        return carryOut(services, environment, read.data, call)
      },
    }
  },
})

/** A route that is of no environment, or of none that there must be. */
export const serverRoute = <Schema extends z.ZodObject>({
  carryOut,
  ...definition
}: Omit<Definition<Schema>, 'carryOut'> & {
  readonly carryOut: (services: DoorServices, asked: z.output<Schema>) => Promise<Answer>
}): Route => ({
  ...definition,
  read(json) {
    const read = definition.schema.safeParse(json)
    if (!read.success) return { problem: firstProblem(read.error, json) }
    return {
      whose: undefined,
      subMchId: undefined,
      outTradeNo: undefined,
      ...askedOf(json, {}),
      carryOut: (services) => carryOut(services, read.data),
    }
  },
})

/** What was asked, as JSON: the path's names beside the query's. */
export const askedByAddress = ({ params, query }: FastifyRequest): unknown => ({
  ...(z.record(z.string(), z.unknown()).safeParse(query).data ?? {}),
  ...(z.record(z.string(), z.unknown()).safeParse(params).data ?? {}),
})

/** An answer by its schema, times in its own words; nothing that the schema does not name goes out. */
export const shown = <Schema extends z.ZodType>(schema: Schema, view: z.output<Schema>) =>
  z.record(z.string(), z.unknown()).parse(z.encode(schema, view))
