/** Reads a `.cpuprofile` of Node: how long each function was at work in a stretch of time. Owns the format; prints nothing. */
import { z } from 'zod'

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({
        functionName: z.string(),
        url: z.string(),
        /** From 0. */
        lineNumber: z.number(),
      }),
      children: z.array(z.number()).optional(),
    }),
  ),
  /** In microseconds on the system's monotonic clock, as that of `process.hrtime` is. */
  startTime: z.number(),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})
type Profile = z.infer<typeof profileSchema>

/** Between two readings of {@link nowUs}. */
export interface Stretch {
  readonly fromUs: number
  readonly toUs: number
}

export const nowUs = () => Number(process.hrtime.bigint() / 1000n)

export interface FunctionTime {
  /** Which part of which program it belongs to. */
  readonly module: string
  readonly name: string
  /** By itself. */
  readonly selfUs: number
  /** With all that it called, and nothing that it only waited for. */
  readonly totalUs: number
}

/** Ours by layer and file, others by package, Node's by what they are about. */
export function moduleOf(url: string, functionName: string): string {
  if (url === '') return functionName === '(garbage collector)' ? 'garbage collector' : 'V8 and system calls'
  const packageName = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
  if (packageName !== undefined) return packageName
  const ours = /\/dist\/(.+)\.js$/.exec(url)?.[1]
  if (ours !== undefined) return `src/${ours}`
  if (/_?http/.test(url)) return 'node: http'
  if (/stream|net|buffer|string_decoder/.test(url)) return 'node: sockets and streams'
  if (/crypto/.test(url)) return 'node: crypto'
  return 'node: events, timers, promises'
}

const isIdle = (name: string) => name === '(idle)' || name === '(root)'

interface Gathered {
  readonly module: string
  readonly name: string
  selfUs: number
  totalUs: number
}

function selfTimes({ samples, timeDeltas, startTime }: Profile, { fromUs, toUs }: Stretch) {
  const self = new Map<number, number>()
  let at = startTime
  for (const [index, node] of samples.entries()) {
    at += timeDeltas[index] ?? 0
    // A sample stands for the time until the next one.
    if (at >= fromUs && at < toUs) self.set(node, (self.get(node) ?? 0) + (timeDeltas[index + 1] ?? 0))
  }
  return self
}

/**
 * @param text of the file
 * @returns all functions that were seen at work, whoever was idle left out
 */
export function functionTimes(text: string, stretch: Stretch): FunctionTime[] {
  const profile = profileSchema.parse(JSON.parse(text))
  const self = selfTimes(profile, stretch)
  const byId = new Map(profile.nodes.map((node) => [node.id, node]))
  const functions = new Map<string, Gathered>()
  const gather = (id: number, above: ReadonlySet<string>): number => {
    const node = byId.get(id)
    if (node === undefined || (isIdle(node.callFrame.functionName) && above.size > 0)) return 0
    const { functionName, url, lineNumber } = node.callFrame
    const place = `${functionName} ${url} ${lineNumber}`
    const within = new Set(above).add(place)
    const selfUs = isIdle(functionName) ? 0 : (self.get(id) ?? 0)
    const totalUs = (node.children ?? []).reduce((sum, child) => sum + gather(child, within), selfUs)
    const name = `${functionName || '(anonymous)'}${url === '' ? '' : `:${lineNumber + 1}`}`
    const entry = functions.get(place) ?? { module: moduleOf(url, functionName), name, selfUs: 0, totalUs: 0 }
    entry.selfUs += selfUs
    // One that calls itself is counted once.
    if (!above.has(place)) entry.totalUs += totalUs
    functions.set(place, entry)
    return totalUs
  }
  const [root] = profile.nodes
  if (root !== undefined) gather(root.id, new Set())
  return [...functions.values()].filter(({ totalUs }) => totalUs > 0)
}
