/**
 * What befalls gateways, their lines and their database, one after the other and into each other, from a seed. Owns the order
 * and the log. Each ends by itself, and whoever waits for {@link Disasters.over} finds all in order again.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Chance } from '../../simulation/chance.ts'
import type { PostgresServer } from '../../support/postgres.ts'
import type { Gateway } from './gateways.ts'

const kinds = [
  'kill',
  'stand still',
  'cut',
  'lose an answer',
  'silence',
  'restart in order',
  'restart at once',
] as const
type Kind = (typeof kinds)[number]

export interface Disasters {
  /** What happened, a line each: milliseconds since the beginning, and what. */
  readonly log: readonly string[]
  readonly over: Promise<void>
}

interface Scene {
  readonly chance: Chance
  readonly gateways: readonly Gateway[]
  readonly server: PostgresServer
  /** How much people did so far: some of it lies between any two disasters, however slow the machine is. */
  readonly progress: () => number
  /** Whether all has happened that is worth checking. */
  readonly isEnough: () => boolean
}

/** New ones begin for so long at least, and until it is enough, but not much longer. */
export interface Span {
  readonly leastMs: number
  readonly mostMs: number
}

/** One bag of them, shuffled, then another: each kind comes, and none for long alone. */
const bag: readonly Kind[] = [...kinds, 'kill', 'cut', 'lose an answer', 'lose an answer']

/** The lease of a callback is its second and five more, that of a refund ten: whoever stands still for so long has lost both. */
const standStillMs = 11_000
/** Shorter and longer than a statement may take. */
const silencesMs = [500, 2_000, 4_000]
/** Answers that said something. */
const leastProgress = 40
const pausesMs = [300, 900, 1_800, 3_000]
/** As they are sent, in an array where commands are: the events of transitions, the end of a transaction. */
const paid = '\\"event\\":\\"paid'
const others = ['\\"event\\":\\"ordered', '\\"event\\":\\"closed', '"event":"refund', 'commit']

const shuffled = <T>(all: readonly T[], chance: Chance): T[] => {
  const left = [...all]
  return all.flatMap(() => left.splice(chance.below(left.length), 1))
}

/** Every kind begins at least once, however long that takes. */
export function beginDisasters(
  { chance, gateways, server, progress, isEnough }: Scene,
  { leastMs, mostMs }: Span,
): Disasters {
  const begun = performance.now()
  const log: string[] = []
  const say = (what: string) => void log.push(`${Math.round(performance.now() - begun)} ${what}`)
  const underWay: Promise<void>[] = []
  /** What is in the middle of something, and has to end that first. */
  const taken = new Set<unknown>()

  const taking = async (one: unknown, work: () => Promise<void>): Promise<void> => {
    taken.add(one)
    await work()
    taken.delete(one)
  }

  const standStill = (gateway: Gateway) =>
    taking(gateway, async () => {
      const child = gateway.running()?.process
      say(`${gateway.name} stands still`)
      child?.kill('SIGSTOP')
      await wait(standStillMs)
      child?.kill('SIGCONT')
      say(`${gateway.name} goes on`)
    })

  const silence = ({ name, line }: Gateway) =>
    taking(line, async () => {
      const ms = chance.pick(silencesMs)
      say(`the line of ${name} is silent for ${ms}`)
      line.swallow()
      await wait(ms)
      line.deliver()
    })

  let restarted = Promise.resolve()
  function restart(mode: 'fast' | 'immediate'): Promise<void> {
    restarted = restarted.then(async () => {
      say(`the database restarts, ${mode}`)
      await server.restart(mode)
      say('the database is back')
    })
    return restarted
  }

  function strike(kind: Kind): Promise<void> | undefined {
    const free = gateways.filter((gateway) => !taken.has(gateway) && gateway.running() !== undefined)
    const heard = gateways.filter(({ line }) => !taken.has(line))
    switch (kind) {
      case 'kill': {
        // Whoever stands still is to wake up again.
        if (free.length === 0) return undefined
        const { name, running } = chance.pick(free)
        say(`${name} is killed`)
        running()?.process.kill('SIGKILL')
        return undefined
      }
      case 'stand still':
        // Somebody is left to take over what it holds.
        return free.length < 2 ? undefined : standStill(chance.pick(free))
      case 'cut': {
        const { name, line } = chance.pick(gateways)
        say(`the line of ${name} is cut`)
        line.cut()
        return undefined
      }
      case 'lose an answer': {
        const { name, line } = chance.pick(gateways)
        for (const to of [paid, chance.pick(others)])
          line.loseAnswerTo(to).then(() => say(`the line of ${name} lost the answer to ${to}`))
        return undefined
      }
      case 'silence':
        return heard.length === 0 ? undefined : silence(chance.pick(heard))
      case 'restart in order':
      case 'restart at once':
        // Each kind comes, even where the other has not ended.
        return restart(kind === 'restart in order' ? 'fast' : 'immediate')
    }
  }

  const elapsed = () => performance.now() - begun
  const goesOn = () => elapsed() < mostMs && (elapsed() < leastMs || !isEnough())

  async function pause(): Promise<void> {
    const before = progress()
    await wait(chance.pick(pausesMs))
    while (progress() < before + leastProgress && elapsed() < mostMs) await wait(50)
  }

  async function all(): Promise<void> {
    for (let bags = 0; bags === 0 || goesOn(); bags++) {
      for (const kind of shuffled(bag, chance)) {
        if (bags > 0 && !goesOn()) break
        const one = strike(kind)
        if (one !== undefined) underWay.push(one)
        await pause()
      }
    }
    await Promise.all(underWay)
    for (const { line } of gateways) line.disarm()
    say('all is in order again')
  }
  return { log, over: all() }
}
