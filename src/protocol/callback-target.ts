/**
 * Where the callback of an order or a refund goes: a cloud function or a container of Cloud Run, exactly one of them
 * (Cloud Run pages, "callback"). The v2 interface has a third, its `notify_url`.
 */
import { z } from 'zod'
import type { CamelKeys } from './camel-keys.ts'
import { text } from './fields.ts'
import { brokenRule } from './format-problem.ts'

const container = z.object({
  service: text(128),
  path: text(256).refine(
    (value) => /^\/[^\s\p{C}]*$/u.test(value),
    brokenRule('应以 / 开头，不含空白', 'must begin with / and hold no blanks'),
  ),
})

/** A service of Cloud Run, and the path on it. */
export type Container = z.output<typeof container>

const notBeside = (name: string) =>
  z
    .custom<undefined>(
      (value) => value === undefined,
      brokenRule(`不能与 ${name} 同时给出`, `must not be given beside ${name}`),
    )
    .optional()

const callback_type = z.literal([1, 2])

/** `callback_type` 1. */
export const toFunction = {
  function_name: text(128),
  env_id: text(128),
  callback_type: callback_type.default(1),
  container: notBeside('function_name'),
}

/** `callback_type` 2. */
export const toContainer = {
  container,
  env_id: text(128),
  callback_type: callback_type.default(2),
  function_name: notBeside('container'),
}

const fieldOf = (body: object, name: string): unknown =>
  Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined

const isGiven = (value: unknown) => value !== undefined && value !== null && value !== ''

/** `callback_type` says which; without it (**inferred**) what is given. */
export function wantsContainer(body: object): boolean {
  const type = fieldOf(body, 'callback_type')
  if (type === 1 || type === 2) return type === 2
  return isGiven(fieldOf(body, 'container'))
}

/** Whether a refund names anyone: real code leaves both out, and then nobody is told. `env_id` alone names nobody. */
export const wantsCallback = (body: object): boolean =>
  ['callback_type', 'container', 'function_name'].some((name) => isGiven(fieldOf(body, name)))

/** A callback's target as the fields of an order: one of three. */
export interface CallbackTarget {
  readonly env_id?: string | undefined
  readonly callback_type?: 1 | 2 | undefined
  readonly function_name?: string | undefined
  readonly container?: Container | undefined
  /** v2: a URL of the merchant's own. */
  readonly notify_url?: string | undefined
}

/** Who is told, read from the fields of an order or a refund. */
export type Target =
  | { readonly kind: 'function'; readonly envId: string; readonly functionName: string }
  | { readonly kind: 'container'; readonly envId: string; readonly service: string; readonly path: string }
  | { readonly kind: 'url'; readonly url: string }

export function targetOf(request: CamelKeys<CallbackTarget>): Target | undefined {
  const { notifyUrl, container: asked, functionName, envId = '' } = request
  if (notifyUrl !== undefined) return { kind: 'url', url: notifyUrl }
  if (asked !== undefined) return { kind: 'container', envId, ...asked }
  return functionName === undefined ? undefined : { kind: 'function', envId, functionName }
}

/** Targets that stand and fall together: one that hangs holds up its own callbacks and nobody else's. */
export function targetKey(target: Target): string {
  switch (target.kind) {
    case 'function':
      return `function:${target.envId}/${target.functionName}`
    case 'container':
      return `container:${target.envId}/${target.service}`
    case 'url':
      return `url:${new URL(target.url).origin}`
  }
}

/** As people read it. */
export function targetText(target: Target): string {
  switch (target.kind) {
    case 'function':
      return `${target.functionName} (${target.envId})`
    case 'container':
      return `${target.service}${target.path} (${target.envId})`
    case 'url':
      return target.url
  }
}
