/**
 * Says to a server, again and again, whom a host of functions or containers serves, until it stops. Owns the rhythm and
 * what is said of a server that does not listen; who the host is, and what it does with calls, is the caller's.
 */
import { z } from 'zod'
import { type HostSaying, hostSaysEveryMs } from '../protocol/function-host.ts'
import type { Text } from '../protocol/text.ts'

export interface SaidTo {
  /** As `serverOrigin` gives it. */
  readonly origin: string
  readonly adminToken?: string | undefined
}

/** What stays the same for as long as the host lives. */
export type HostItself = Omit<HostSaying, 'names' | 'gone'>

export interface KeptSaying {
  /** Says these names now and from now on. Settles when the server has heard, or did not listen. */
  say(names: readonly string[]): Promise<void>
  /** The last word: the host is gone. */
  stop(): Promise<void>
}

interface Manner {
  /** Once for each time that the server stops listening, however long that goes on. */
  onTrouble(text: Text): void
  readonly everyMs?: number
}

/** Shorter than the rhythm: sayings do not pile up. */
const patienceMs = 2_000

const refusalSchema = z.object({ error: z.object({ message: z.string() }) })

/** Its own words where it has some of ours. */
async function messageIn(response: Response): Promise<string> {
  try {
    return refusalSchema.parse(await response.json()).error.message
  } catch {
    return response.statusText
  }
}

/** @returns why the server did not listen; undefined when it did */
async function sayOnce({ origin, adminToken }: SaidTo, saying: HostSaying): Promise<Text | undefined> {
  const rest = { zh: '在此之前收不到回调，会不断重试', en: 'no callbacks until it can; trying again' }
  try {
    const response = await fetch(`${origin}/sandbox/hosts`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(adminToken === undefined ? {} : { authorization: `Bearer ${adminToken}` }),
      },
      body: JSON.stringify(saying),
      signal: AbortSignal.timeout(patienceMs),
    })
    if (response.ok) return undefined
    const said = `HTTP ${response.status} ${await messageIn(response)}`
    return {
      zh: `${origin} 不接受 ${saying.names.join('、')} 的登记（${said}）；${rest.zh}`,
      en: `${origin} does not take ${saying.names.join(', ')} in (${said}); ${rest.en}`,
    }
  } catch {
    return {
      zh: `无法向 ${origin} 登记 ${saying.names.join('、')}：连不上；${rest.zh}`,
      en: `cannot reach ${origin} to tell it of ${saying.names.join(', ')}; ${rest.en}`,
    }
  }
}

/** @param host its `host_id` is random, and nobody else's */
export function keepSaying(
  server: SaidTo,
  host: HostItself,
  { onTrouble, everyMs = hostSaysEveryMs }: Manner,
): KeptSaying {
  let names: readonly string[] = []
  let timer: NodeJS.Timeout | undefined
  let inTrouble = false
  /** One at a time: the last word must arrive last. */
  let last = Promise.resolve()
  const next = (word: () => Promise<void>) => {
    last = last.then(word)
    return last
  }
  const again = async () => {
    const trouble = await sayOnce(server, { ...host, names: [...names] })
    if (trouble !== undefined && !inTrouble) onTrouble(trouble)
    inTrouble = trouble !== undefined
  }
  return {
    say(now) {
      names = now
      timer ??= setInterval(() => next(again), everyMs)
      return next(again)
    },
    async stop() {
      if (timer === undefined) return
      clearInterval(timer)
      // Not heard, it holds no longer than any other.
      await next(async () => void (await sayOnce(server, { ...host, names: [...names], gone: true })))
    },
  }
}
