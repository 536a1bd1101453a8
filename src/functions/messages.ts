/** What the host and the process of one instance of a function say to each other, over Node's channel between them. */
import { z } from 'zod'

/** One call; an instance has one at a time. */
export interface ToInstance {
  readonly id: number
  /** JSON, so that the function gets an object of its own. */
  readonly event: string
  readonly context: Readonly<Record<string, unknown>>
  /** Stand in `process.env` while the call runs. */
  readonly variables: Readonly<Record<string, string>>
}

const thrown = { message: z.string(), stack: z.string().optional() }

/** Read by the host with this schema: the function's code runs in the process that writes it. */
export const fromInstanceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('loaded') }),
  /** `missing`: the package that the code asked for and that is not installed. */
  z.object({ kind: z.literal('unloadable'), ...thrown, missing: z.string().optional() }),
  z.object({ kind: z.literal('no-main') }),
  /** The call is the code's now: nobody else may run it. */
  z.object({ kind: z.literal('begun'), id: z.number() }),
  z.object({ kind: z.literal('returned'), id: z.number(), json: z.string() }),
  /** What it returned is no JSON. */
  z.object({ kind: z.literal('unspeakable'), id: z.number(), ...thrown }),
  z.object({ kind: z.literal('too-large'), id: z.number(), bytes: z.number() }),
  z.object({ kind: z.literal('threw'), id: z.number(), ...thrown }),
  /** Nobody caught it: the process is about to end. */
  z.object({ kind: z.literal('uncaught'), ...thrown }),
])

export type FromInstance = z.output<typeof fromInstanceSchema>

/** Largest event and largest result, as JSON. Source: SCF's limits of a synchronous call; **inferred** for CloudBase. */
export const maxJsonBytes = 6 * 1024 * 1024
