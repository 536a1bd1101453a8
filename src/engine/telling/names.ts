/**
 * From names to addresses, without one name holding up another. The system's own look-up runs on four threads, and a name
 * server that does not answer keeps them for as long as it pleases; so the network is asked first, which takes no thread,
 * and the system only for what that does not know (/etc/hosts, search domains), on a few threads at most.
 */
import type { LookupAddress } from 'node:dns'
import { lookup, Resolver } from 'node:dns/promises'

/** Where addresses come from. */
export interface Sources {
  /** The network, within its own time. */
  readonly network: (hostname: string, family: 4 | 6) => Promise<string[]>
  /** The system: hosts file, search domains, and the network once more. */
  readonly system: (hostname: string) => Promise<LookupAddress[]>
}

export interface Names {
  /** @param family 4 or 6 where only one is wanted. @throws Error with the code of the look-up */
  addressesOf(hostname: string, family: number | string | undefined): Promise<LookupAddress[]>
}

/** Of a name server, and of all of them for one name. */
const networkTimeoutMs = 1_000
/** Of the four threads; files need them too. */
const systemAtOnce = 2
/**
 * How long a name that does not resolve is not asked for again. Retries come in bursts when a test clock moves, and a
 * machine without network takes seconds to find out each time.
 */
const unresolvedForMs = 5_000

const localhost: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

function realSources(): Sources {
  const resolver = new Resolver({ timeout: networkTimeoutMs, tries: 1 })
  return {
    network: (hostname, family) => (family === 4 ? resolver.resolve4(hostname) : resolver.resolve6(hostname)),
    system: (hostname) => lookup(hostname, { all: true }),
  }
}

/** So many at a time; the others wait their turn. */
function inTurns(atOnce: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return async <T>(run: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) await new Promise<void>((resolve) => void waiting.push(resolve))
    running++
    try {
      return await run()
    } finally {
      running--
      waiting.shift()?.()
    }
  }
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined

/** A name server that answers that it knows none: the system will find out soon. Else it may wait for the same server. */
const isAnswer = (error: unknown) => ['ENOTFOUND', 'ENODATA'].includes(String(codeOf(error)))

export function openNames(sources: Sources = realSources()): Names {
  const soon = inTurns(systemAtOnce)
  // Apart from the others: who waits for a silent name server takes their turn from nobody else.
  const late = inTurns(1)
  const asked = new Map<string, Promise<LookupAddress[]>>()

  async function resolve(hostname: string): Promise<LookupAddress[]> {
    const families = [4, 6] as const
    const found = await Promise.allSettled(families.map((family) => sources.network(hostname, family)))
    const addresses = found.flatMap((one, place) =>
      one.status === 'fulfilled'
        ? one.value.map((address) => ({ address, family: families[place] ?? 4 }))
        : [],
    )
    if (addresses.length > 0) return addresses
    const answered = found.every((one) => one.status === 'fulfilled' || isAnswer(one.reason))
    return (answered ? soon : late)(() => sources.system(hostname))
  }

  function known(hostname: string): Promise<LookupAddress[]> {
    const before = asked.get(hostname)
    if (before !== undefined) return before
    const found = resolve(hostname)
    asked.set(hostname, found)
    const forget = () => asked.delete(hostname)
    found.then(forget, () => void setTimeout(forget, unresolvedForMs).unref())
    return found
  }

  return {
    async addressesOf(hostname, family) {
      const isLocal = /^(.*\.)?localhost\.?$/i.test(hostname)
      const addresses = isLocal ? [...localhost] : await known(hostname)
      const wanted = addresses.filter((one) => (family === 4 || family === 6 ? one.family === family : true))
      return wanted.length > 0 ? wanted : addresses
    },
  }
}
