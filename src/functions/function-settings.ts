/**
 * What a function's own files say of its time, memory and variables: `config.json` in its folder, and
 * `cloudbaserc.json` beside the folder of all functions. Owns defaults and limits; a setting that makes no sense is
 * complained of and has no effect.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { firstProblem } from '../protocol/format-problem.ts'
import type { Text } from '../protocol/text.ts'
import type { FoundFunction } from './function-folder.ts'

export interface FunctionSettings {
  readonly timeoutMs: number
  readonly memoryMb: number
  readonly variables: Readonly<Record<string, string>>
}

/**
 * Seconds. Source: the mini-program's pages (3 unless set, 60 at most); CloudBase's own page goes to 900 by now, and so
 * a file may. That this is how the platform of a mini-program ends a function is **inferred**.
 */
export const timeLimit = { default: 3, min: 1, max: 60 } as const
const longestWritten = 900

/** Megabytes. Source: CloudBase, basic configuration of a function. */
const memoryLimit = { default: 256, min: 64, max: 3072 } as const

const timeout = z.number().min(timeLimit.min).max(longestWritten).optional()

/** What a process can be given. */
const variableName = z.string().regex(/^[A-Za-z_]\w*$/)
const variableValue = z.union([z.string().regex(/^[^\0]*$/), z.number(), z.boolean()])

const configSchema = z.object({ timeout })

const cloudbaseSchema = z.object({
  functions: z
    .array(
      z.object({
        name: z.string(),
        timeout,
        memorySize: z.number().int().min(memoryLimit.min).max(memoryLimit.max).optional(),
        envVariables: z.record(variableName, variableValue).optional(),
      }),
    )
    .optional(),
})

/** Beside the folder of all functions, where the platform's own command line keeps it. */
export const cloudbaseFile = (root: string) => join(dirname(root), 'cloudbaserc.json')

const problem = (path: string, { zh, en }: Text): Text => ({
  zh: `${path} 有误，未生效：${zh}`,
  en: `${path} is not right and has no effect: ${en}`,
})

/** @returns undefined when there is no such file, or it says nothing that can be used */
function read<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  complain: (text: Text) => void,
): z.output<Schema> | undefined {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) {
      complain(problem(path, { zh: '不是合法的 JSON', en: 'it is not valid JSON' }))
    }
    return undefined
  }
  const found = schema.safeParse(json)
  if (found.success) return found.data
  complain(problem(path, firstProblem(found.error, json)))
  return undefined
}

/** Whoever calls waits no longer. */
function withinLimit(name: string, seconds: number, complain: (text: Text) => void): number {
  if (seconds <= timeLimit.max) return seconds
  complain({
    zh: `云函数 ${name} 的 timeout 为 ${seconds} 秒，这里最多 ${timeLimit.max} 秒`,
    en: `the timeout of function ${name} is ${seconds} s, and ${timeLimit.max} s is the most here`,
  })
  return timeLimit.max
}

/** Variables of a process are text. */
const asTexts = (variables: Readonly<Record<string, string | number | boolean>>) =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]))

/**
 * The function's own file comes before the one for all.
 * @param defaultTimeout seconds, of functions that say nothing
 */
export function readSettings(
  { name, folder }: Pick<FoundFunction, 'name' | 'folder'>,
  defaultTimeout: number,
  complain: (text: Text) => void,
): FunctionSettings {
  const own = read(join(folder, 'config.json'), configSchema, complain)
  const all = read(cloudbaseFile(dirname(folder)), cloudbaseSchema, complain)
  const listed = all?.functions?.find((one) => one.name === name)
  return {
    timeoutMs: withinLimit(name, own?.timeout ?? listed?.timeout ?? defaultTimeout, complain) * 1_000,
    memoryMb: listed?.memorySize ?? memoryLimit.default,
    variables: asTexts(listed?.envVariables ?? {}),
  }
}
