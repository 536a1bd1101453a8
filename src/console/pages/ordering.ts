/** Orders that are made from here: they meet the faults that are on, as a shop's own do. */
import {
  type ApiOrderDetail,
  CloudPayUnanswered,
  type CreateAsked,
  type CreateResult,
} from '../../client/index.ts'
import { parseWireTime } from '../../protocol/beijing-time.ts'
import { go, linkToOrder } from '../address.ts'
import { faults } from '../live.ts'
import { type Said, said } from '../parts/act.tsx'
import { askingOnce } from '../session.ts'
import { demoOrder as words } from '../texts/orders.ts'

/** The faults that are on and strike a call. */
export function striking(): readonly string[] {
  const { on = [], menu = [] } = faults.value ?? {}
  const ofCalls = new Set(menu.filter(({ strikes }) => strikes === 'call').map(({ fault }) => fault))
  return [...new Set(on.map(({ fault }) => fault).filter((fault) => ofCalls.has(fault)))]
}

/** @returns `unanswered`: it may be there, and the same call finds out. @throws CloudPayRefused */
async function orderOnce(asked: CreateAsked, subMchId?: string): Promise<CreateResult | 'unanswered'> {
  try {
    return await askingOnce.value.createOrder(asked, subMchId === undefined ? {} : { subMchId })
  } catch (error) {
    if (error instanceof CloudPayUnanswered) return 'unanswered'
    throw error
  }
}

/** Goes to the order that it made, and closes the dialog. @returns why there is none. @throws CloudPayRefused */
export async function orderAndGo(
  asked: CreateAsked,
  onClose: () => void,
  subMchId?: string,
): Promise<Said | undefined> {
  const made = await orderOnce(asked, subMchId)
  if (made === 'unanswered') return said(false, words.unanswered)
  if (made.outcome !== 'created') return said(false, words.refused, { why: made.message })
  onClose()
  go(linkToOrder(made))
  return undefined
}

/** A first time_expire has to be so far ahead. */
const leastAheadMs = 60_000

/** Its own times, where its end is still ahead: a new order cannot have one that is over. */
function timesAhead({ timeStart, timeExpire }: Readonly<Record<string, unknown>>, now: Date) {
  const at = typeof timeExpire === 'string' ? parseWireTime(timeExpire) : undefined
  if (typeof timeExpire !== 'string' || at === undefined) return {}
  if (at.getTime() < now.getTime() + leastAheadMs) return {}
  return { timeExpire, ...(typeof timeStart === 'string' ? { timeStart } : {}) }
}

/** The same purchase once more: what was asked for, with a new number that takes the place of the old one. */
export function inItsPlace(
  { outTradeNo: replaces, body = '', totalFee = 0, request = {} }: ApiOrderDetail,
  outTradeNo: string,
  now: Date,
): CreateAsked {
  const {
    subMchId: _merchant,
    envId: targetEnvId,
    outTradeNo: _number,
    replaces: _before,
    body: _body,
    totalFee: _fee,
    timeStart: _start,
    timeExpire: _expire,
    ...rest
  } = request
  return {
    // What matters comes first: it is read in a line.
    outTradeNo,
    replaces,
    body,
    totalFee,
    ...rest,
    ...(typeof targetEnvId === 'string' ? { targetEnvId } : {}),
    ...timesAhead(request, now),
  }
}

const mostOfNumber = 32

/** `TEA-0001` → `TEA-0001-2` → `TEA-0001-3`: what belongs together is seen to. */
export function nextNumber(outTradeNo: string): string {
  const [, stem = outTradeNo, count = '1'] = /^(.+)-(\d{1,3})$/.exec(outTradeNo) ?? []
  // Numbers of a shop that end so, as TEA-0001 does, are no counts.
  const isCount = !count.startsWith('0') && stem !== outTradeNo
  const end = `-${isCount ? Number(count) + 1 : 2}`
  return `${(isCount ? stem : outTradeNo).slice(0, mostOfNumber - end.length)}${end}`
}
