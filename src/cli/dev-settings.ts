/** What `cloudpay dev` was asked for: its folder and flags, or in words why that cannot be. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { brokenSetting, StartRefused } from '../app/refusals.ts'
import { findFunctions } from '../functions/function-folder.ts'
import { timeLimit } from '../functions/function-settings.ts'
import type { Context } from './context.ts'
import { hintsOf } from './hints.ts'
import { readTarget, type Target, type TargetFlags } from './target.ts'

export interface DevFlags extends TargetFlags {
  readonly env?: string | undefined
  readonly envId?: string | undefined
  readonly timeout?: string | undefined
}

export interface DevSettings {
  /** Absolute; there is a function in it. */
  readonly folder: string
  readonly target: Target
  /** The environment that these functions are for, as they and the orders call it. */
  readonly env: string | undefined
  /** Whose functions they are, at the server; undefined: that goes without saying. */
  readonly envId: string | undefined
  /** Seconds, for functions that set none. */
  readonly timeout: number
  readonly adminToken: string | undefined
}

function functionsFolder(given: string, example: string): string {
  const folder = resolve(given)
  const found = statSync(folder, { throwIfNoEntry: false })
  if (found === undefined)
    throw new StartRefused({
      zh: `没有目录 ${folder}。请给出云函数所在的目录，例如 ${example}。`,
      en: `There is no folder ${folder}. Give the one that holds your cloud functions, as in ${example}.`,
    })
  if (!found.isDirectory())
    throw new StartRefused({
      zh: `${folder} 是一个文件，不是目录。请给出云函数所在的目录，例如 ${example}。`,
      en: `${folder} is a file, not a folder. Give the folder that holds your cloud functions, as in ${example}.`,
    })
  if (findFunctions(folder).length === 0)
    throw new StartRefused({
      zh: `${folder} 里没有云函数：每个函数是其中的一个子目录，带有 index.js。`,
      en: `There is no cloud function in ${folder}: each is a folder in it, with an index.js.`,
    })
  return folder
}

function seconds(given: string | undefined): number {
  if (given === undefined) return timeLimit.default
  const value = Number(given)
  if (given.trim() !== '' && value >= timeLimit.min && value <= timeLimit.max) return value
  throw brokenSetting('--timeout', given, {
    zh: `应为 ${timeLimit.min} 到 ${timeLimit.max} 之间的秒数`,
    en: `it must be a number of seconds from ${timeLimit.min} to ${timeLimit.max}`,
  })
}

function name(flag: string, given: string | undefined, longest: number): string | undefined {
  if (given === undefined || (given !== '' && given.length <= longest)) return given
  throw brokenSetting(flag, given, {
    zh: `应为 1 到 ${longest} 个字符`,
    en: `it must have 1 to ${longest} characters`,
  })
}

/** @throws StartRefused */
export function readDevSettings(
  folder: string,
  flags: DevFlags,
  { variables, command }: Pick<Context, 'variables' | 'command'>,
): DevSettings {
  const { CLOUDPAY_ADMIN_TOKEN } = variables
  return {
    folder: functionsFolder(folder, hintsOf(command).bare('dev cloudfunctions')),
    target: readTarget(flags, variables),
    env: name('--env', flags.env, 128),
    envId: name('--env-id', flags.envId, 64),
    timeout: seconds(flags.timeout),
    adminToken: CLOUDPAY_ADMIN_TOKEN || undefined,
  }
}
