/** Whose a call at the control doors is: `/api` and `/sandbox` name an environment, or leave it to go without saying. */
import type { Directory } from '../ledger/directory.ts'
import type { Environment } from '../ledger/environments.ts'
import { demoEnvId } from '../protocol/demo-merchant.ts'
import { noEnvironment } from './json-answers.ts'
import type { Answer } from './sandbox/answer.ts'

/** The only one that there is; among several the demo's, by its name. */
export async function unnamedEnvId(directory: Directory): Promise<string> {
  const [only, ...others] = await directory.environmentIds()
  return only !== undefined && others.length === 0 ? only : demoEnvId
}

/**
 * Of a call that is refused for something else: whose log it belongs to, where that can be read.
 * @throws LedgerUnavailable when nothing was ever read
 */
export async function environmentMeant(
  directory: Directory,
  json: unknown,
): Promise<Environment | undefined> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const envId: unknown = Reflect.get(json, 'env_id')
  if (envId !== undefined && typeof envId !== 'string') return undefined
  return directory.environment(envId ?? (await unnamedEnvId(directory)))
}

/**
 * @param envId as the call names it; left out: the one that goes without saying
 * @throws LedgerUnavailable when nothing was ever read
 */
export async function environmentAsked(
  directory: Directory,
  envId: string | undefined,
): Promise<{ readonly environment: Environment } | { readonly refusal: Answer }> {
  const named = envId ?? (await unnamedEnvId(directory))
  const environment = await directory.environment(named)
  if (environment !== undefined) return { environment }
  return { refusal: noEnvironment(envId, await directory.environmentIds()) }
}
