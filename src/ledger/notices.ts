/**
 * Notices: what is to be told of an order or a refund, kept in its own row, in its own clock. Owns their form. Never: how
 * one is told, and when it is tried again (engine/next-step.ts).
 */
import { targetKey, targetOf } from '../protocol/callback-target.ts'
import type { Text } from '../protocol/text.ts'

/**
 * `pending`: not tried yet. `failing`: tried, and will be again. `undeliverable`: the same, and nobody hosts its target.
 * `exhausted`: never again by itself. `delivered`: acknowledged.
 */
export const noticeStates = ['exhausted', 'undeliverable', 'failing', 'pending', 'delivered'] as const
export type NoticeState = (typeof noticeStates)[number]

/** A fault that somebody asked for, of the sandbox's menu. */
export interface AskedFault {
  readonly name: string
  /** Its span, where it has one. */
  readonly ms?: number
}

export interface Notice {
  readonly kind: 'paid' | 'refunded'
  /** Of a refund's: the state that it tells of. */
  readonly status?: 'SUCCESS' | 'CHANGE' | 'REFUNDCLOSE'
  readonly state: NoticeState
  /** When it fell due first. */
  readonly since: string
  /** When it is tried next; absent: not by itself. */
  readonly next?: string
  /** Attempts that were made. */
  readonly attempts: number
  /** Those of the present series: sent again by hand, it starts anew. */
  readonly step: number
  /** Why the last attempt failed. */
  readonly fault?: Text & { readonly code: string }
  /** Copies that are still to be sent although one was acknowledged (a fault). */
  readonly copies?: number
  /** Its signature is to be wrong (a fault). */
  readonly badSignature?: true
}

/** What a row says of its notices as a whole: the state that needs most attention. */
export const toldOf = (notices: readonly Notice[]): NoticeState | null =>
  noticeStates.find((state) => notices.some((notice) => notice.state === state)) ?? null

/** When the next of them is due. */
export function tellAtOf(notices: readonly Notice[]): Date | null {
  const times = notices.flatMap(({ next }) => (next === undefined ? [] : [next])).sort()
  return times[0] === undefined ? null : new Date(times[0])
}

/** Groups what is to be told by who is told. @returns null: nobody asked to be told */
export function tellTarget(request: Parameters<typeof targetOf>[0]): string | null {
  const target = targetOf(request)
  return target === undefined ? null : targetKey(target)
}

/** As a column holds them; nothing asked for is the usual, and fills none. */
export const faultsText = (faults: readonly AskedFault[]): string | null =>
  faults.length === 0 ? null : JSON.stringify(faults)
