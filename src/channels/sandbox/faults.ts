/**
 * When a fault strikes: asked for with the call itself, or by a rule that stands until it is switched off. Owns the
 * matching; the rules' truth is in the ledger, kept here for a second at a time so that a call costs no query.
 */
import type { Db } from '../../ledger/db/db.ts'
import { type FaultRule, readFaults, type StoredFault, useFault } from '../../ledger/fault-rules.ts'
import type { AskedFault } from '../../ledger/notices.ts'
import type { World } from '../../ledger/world.ts'
import { parseDuration } from '../../protocol/duration.ts'
import type { Text } from '../../protocol/text.ts'
import { type FaultName, faultEntry, faultNames, type Struck } from './fault-menu.ts'

export type { AskedFault }

/** How long another gateway may go on by rules that were changed elsewhere. */
const freshMs = 1_000
/** No fault holds anyone up for longer. */
export const longestSpanMs = 60 * 60_000

const isName = (text: string): text is FaultName => faultNames.some((name) => name === text)

/** What a call or a notice is, as far as rules ask. */
export interface Site {
  readonly strikes: readonly Struck[]
  /** The one fault that can strike here. */
  readonly only?: FaultName
  readonly method?: string | undefined
  readonly subMchId?: string | undefined
  readonly outTradeNo?: string | undefined
  /** Of the order. Looked up, where the call does not say it, only when a rule asks. */
  readonly totalFee?: number | (() => Promise<number | undefined>) | undefined
}

const withSpan = (name: FaultName, ms: number | undefined): AskedFault => {
  const { spanMs } = faultEntry(name)
  return spanMs === undefined ? { name } : { name, ms: ms ?? spanMs }
}

/** A number may end in `*`: all that begin so. */
const fits = (wanted: string | undefined, found: string | undefined) => {
  if (wanted === undefined) return true
  return wanted.endsWith('*') ? (found?.startsWith(wanted.slice(0, -1)) ?? false) : wanted === found
}

/** The amount aside. */
function matches({ fault, method, subMchId, outTradeNo }: FaultRule, site: Site): boolean {
  if (!isName(fault) || (site.only !== undefined && site.only !== fault)) return false
  const { strikes, method: only } = faultEntry(fault)
  return (
    site.strikes.includes(strikes) &&
    (strikes !== 'call' || only === undefined || only === site.method) &&
    fits(strikes === 'call' ? method : undefined, site.method) &&
    fits(subMchId, site.subMchId) &&
    fits(outTradeNo, site.outTradeNo)
  )
}

async function ofItsAmount(rules: readonly StoredFault[], { totalFee }: Site) {
  if (rules.every(({ rule }) => rule.totalFee === undefined)) return rules
  const amount = typeof totalFee === 'function' ? await totalFee() : totalFee
  return rules.filter(({ rule }) => rule.totalFee === undefined || rule.totalFee === amount)
}

/** `slow=5s, bad-signature`: names of the menu, each with its span where another than the usual is wanted. */
export function readFaultHeader(
  header: string | undefined,
): { readonly asked: readonly AskedFault[] } | { readonly problem: Text } {
  const asked: AskedFault[] = []
  for (const item of (header ?? '').split(',')) {
    const [name = '', span] = item.split('=').map((piece) => piece.trim())
    if (name === '') continue
    if (!isName(name)) {
      return {
        problem: {
          zh: 'x-cloudpay-fault 中有未知的故障名，可用的见 GET /sandbox/faults',
          en: 'x-cloudpay-fault names an unknown fault; GET /sandbox/faults lists them',
        },
      }
    }
    const ms = span === undefined ? undefined : parseDuration(span)
    if (span !== undefined && (ms === undefined || ms > longestSpanMs)) {
      return {
        problem: {
          zh: 'x-cloudpay-fault 的时长应形如 slow=5s，最长 1h',
          en: 'a span in x-cloudpay-fault must look like slow=5s, 1h at most',
        },
      }
    }
    asked.push(withSpan(name, ms))
  }
  return { asked }
}

export interface Faults {
  /**
   * The faults that strike here, those that came with the call included. A rule that counts is used up by this.
   * @throws LedgerUnavailable a rule that counts, or an order's amount, could not be asked
   */
  striking(envId: string, site: Site, withCall?: readonly AskedFault[]): Promise<readonly AskedFault[]>
  /** Its rules were changed through this gateway: they hold at once. */
  changed(envId: string): void
}

const none: readonly AskedFault[] = []

export function openFaults(db: Db, world: Pick<World, 'wallClock'>): Faults {
  const kept = new Map<string, { rules: readonly StoredFault[]; readAt: number }>()
  const reading = new Map<string, Promise<void>>()

  /** One reading at a time; while the database is away the rules stay as they were. */
  function refresh(envId: string): Promise<void> {
    const underWay = reading.get(envId)
    if (underWay !== undefined) return underWay
    const readAt = world.wallClock().getTime()
    const asked: Promise<void> = readFaults(db, envId)
      .catch(() => kept.get(envId)?.rules ?? [])
      .then((rules) => {
        // A reading that began before a change knows nothing of it.
        if (reading.get(envId) !== asked) return
        reading.delete(envId)
        kept.set(envId, { rules, readAt })
      })
    reading.set(envId, asked)
    return asked
  }

  async function rulesOf(envId: string): Promise<readonly StoredFault[]> {
    const known = kept.get(envId)
    if (known === undefined) await refresh(envId)
    // Nobody waits for news of what is kept already.
    else if (world.wallClock().getTime() - known.readAt >= freshMs) void refresh(envId)
    return kept.get(envId)?.rules ?? []
  }

  return {
    async striking(envId, site, withCall = none) {
      const near = (await rulesOf(envId)).filter(({ rule }) => matches(rule, site))
      const rules = await ofItsAmount(near, site)
      if (rules.length === 0 && withCall.length === 0) return none
      const struck = withCall.filter(({ name }) => matches({ fault: name }, site))
      for (const { faultId, rule, timesLeft } of rules) {
        if (!isName(rule.fault) || struck.some(({ name }) => name === rule.fault)) continue
        if (timesLeft !== undefined && !(await useFault(db, envId, faultId))) continue
        struck.push(withSpan(rule.fault, rule.ms))
      }
      return struck
    },
    changed(envId) {
      kept.delete(envId)
      reading.delete(envId)
    },
  }
}

export const struckBy = (faults: readonly AskedFault[], name: FaultName): AskedFault | undefined =>
  faults.find((fault) => fault.name === name)

/** Those of a call that are kept with what it makes, for its notices and its outcome. */
export const forNotices = (faults: readonly AskedFault[]): readonly AskedFault[] =>
  faults.filter(({ name }) => isName(name) && faultEntry(name).strikes !== 'call')
