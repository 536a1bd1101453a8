/**
 * What the server and a host of cloud functions or containers say to each other, over loopback HTTP: the host says
 * whom it serves (and says so again while it lives), the server hands over calls. Ours: the platform shows no such thing.
 */
import { z } from 'zod'
import { out_trade_no, text } from './fields.ts'
import { mostDepth } from './function-user.ts'

/** How often a host says that it is there, and for how long each saying holds. Real time. */
export const hostSaysEveryMs = 5_000
export const hostHoldsMs = 15_000

/** How long a caller waits for a function: its own limit is a minute at most, and it may have to be loaded first. */
export const functionLimitMs = 65_000

/** Who called a function, as `cloud.getWXContext().SOURCE` says: a mini-program's user, a payment, another function. */
export const callSources = ['wx_client', 'wx_paycallback', 'scf'] as const

/** `POST <host>/invoke`, with `Authorization: Bearer <token of the host>`. */
export const invocationSchema = z.strictObject({
  function_name: text(128),
  /** The event, as `exports.main` gets it. */
  event: z.record(z.string(), z.unknown()),
  caller: z.strictObject({
    source: z.enum(callSources),
    /** The environment that the caller means: `cloud.getWXContext().ENV`. */
    env_id: text(128),
    appid: text(32).optional(),
    openid: text(128).optional(),
    /** How many functions stand above it. */
    depth: z.int().min(1).max(mostDepth).optional(),
  }),
})

export type Invocation = z.output<typeof invocationSchema>

/**
 * Why a function gave no result. `not-found`: the host has none of this name. `load`: its code could not be loaded.
 * `threw`: it threw or rejected. `timeout`: its time was over. `exited`: its process ended. `answer`: what it returned
 * is no JSON, or too large. `busy`: all its instances are at work, and too many calls wait.
 */
export const invocationFailures = [
  'not-found',
  'load',
  'threw',
  'timeout',
  'exited',
  'answer',
  'busy',
] as const

/** What `/invoke` answers, always with HTTP 200; 400 a malformed call, 401 a wrong token. */
export const invokedSchema = z.union([
  /** What the function returned; `null` where it returned nothing. */
  z.object({ result: z.unknown() }),
  z.object({
    failed: z.object({
      why: z.enum(invocationFailures),
      /** What was thrown, or what happened, in a line. */
      message: z.string(),
      /** Of what was thrown. */
      stack: z.string().optional(),
    }),
  }),
])

export type Invoked = z.output<typeof invokedSchema>

const httpUrl = text(256).refine((value) => /^https?:\/\//i.test(value) && URL.canParse(value))

/** `POST /sandbox/hosts`: one host says whom it serves, again every {@link hostSaysEveryMs}; `gone` when it stops. */
export const hostSayingSchema = z.strictObject({
  /** Left out: the only one that the server has; among several, `sandbox`. */
  env_id: text(64).optional(),
  /** The host's own name for itself: random, the same for as long as it lives. */
  host_id: out_trade_no,
  kind: z.enum(['functions', 'container']),
  /** `functions`: of the host, without path. `container`: of the service; the order's own path follows. */
  url: httpUrl,
  /** The server shows it with every call, so that nobody else can make one. */
  token: text(256).optional(),
  /** Names of the functions, or of the one service. `*`: of whatever nobody else has. */
  names: z.array(text(128)).max(500),
  /** Only for callbacks to this environment (`env_id` of the order); left out: whatever it says. */
  target_env_id: text(128).optional(),
  /** Said once, for as long as the server runs on this database: of a test's own host. */
  lasting: z.literal(true).optional(),
  gone: z.literal(true).optional(),
})

export type HostSaying = z.input<typeof hostSayingSchema>
