/** Whether somebody hosts the callback target that a call names, where its environment insists on it. */

import { type CallbackTarget, targetOf, targetText } from '../protocol/callback-target.ts'
import type { CamelKeys } from '../protocol/camel-keys.ts'
import type { CommonOutcome } from '../protocol/outcome.ts'
import type { Caller, Services } from './services.ts'

/** @returns why not; a URL of the merchant's own is nobody's to host. @throws LedgerUnavailable */
export async function unhostedTarget(
  { hosts }: Services,
  { environment }: Caller,
  request: CamelKeys<CallbackTarget>,
): Promise<CommonOutcome | undefined> {
  if (!environment.strictTargets) return undefined
  const target = targetOf(request)
  if (target === undefined || target.kind === 'url') return undefined
  const hosted = await hosts.find(environment, target)
  if (hosted !== undefined) return undefined
  return { outcome: 'target-not-hosted', envId: environment.envId, target: targetText(target) }
}
