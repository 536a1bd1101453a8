/**
 * From a request to `/_/pay/<name>` to a call: HTTP method, content type, caller, name, `from_appid`, body, in this
 * order; the first that is wrong is what the caller hears.
 */
import type { FastifyRequest } from 'fastify'
import type { Directory } from '../../ledger/directory.ts'
import type { Environment } from '../../ledger/environments.ts'
import { toWireNames } from '../../protocol/cloud-function/names.ts'
import { quoted } from '../../protocol/cloud-function/refusal.ts'
import type { Language, Text } from '../../protocol/text.ts'
import { bodyOf, maxBodyBytes } from '../http.ts'
import { noSuchMethod, type PayMethod, payMethods } from '../pay-methods.ts'
import { turnAway } from '../visitor.ts'
import { faults, type GatewayFault } from './answers.ts'

export interface CloudRunRules {
  /**
   * Only this machine can reach the server, and its operator asked for no token: the environment `sandbox` needs none
   * either. What a proxy passes on is not from this machine, wherever the proxy runs.
   */
  readonly ownMachine: boolean
  /** Names, lower case, that may stand in Host besides IP addresses and localhost. */
  readonly hosts: readonly string[]
}

export interface CloudRunCall {
  readonly environment: Environment
  readonly method: PayMethod
  readonly methodName: string
  readonly appid: string | undefined
  /** snake_case keys. */
  readonly body: object
}

type Fault = { readonly fault: GatewayFault }
export type ReadCall =
  | { readonly call: CloudRunCall }
  | (Fault & { readonly environment?: Environment; readonly methodName?: string })

const fault = (name: keyof typeof faults, errmsg: string): Fault => ({
  fault: { errcode: faults[name], errmsg },
})
/** Before the caller is known, nobody's language is: both. */
const toAnyone = (name: keyof typeof faults, { zh, en }: Text) => fault(name, `${zh} / ${en}`)

/**
 * The host name that containers call, pointed at this server by DNS or a hosts entry. Nobody can rebind it who does
 * not own it.
 */
const platformHost = 'api.weixin.qq.com'

/** Without a token only this machine's own callers are served, and no page of somebody else's in its browser. */
async function sandboxOf(
  request: FastifyRequest,
  directory: Directory,
  { ownMachine, hosts }: CloudRunRules,
): Promise<{ environment: Environment } | Fault> {
  const forwarded = request.headers['x-forwarded-for'] ?? request.headers.forwarded
  if (!ownMachine || forwarded !== undefined) {
    return toAnyone('unauthorised', {
      zh: '需要环境的令牌：请求头 Authorization: Bearer <doorToken>',
      en: "the environment's token is needed: Authorization: Bearer <doorToken>",
    })
  }
  const turned = turnAway(request, { hosts: [...hosts, platformHost], adminToken: undefined })
  if (turned !== undefined) return toAnyone('unauthorised', turned.text)
  const environment = await directory.environment('sandbox')
  return environment?.channel === 'sandbox'
    ? { environment }
    : toAnyone('unauthorised', {
        zh: '没有名为 sandbox 的环境；请为环境设置 doorToken，并以 Authorization: Bearer <doorToken> 调用',
        en: 'there is no environment named sandbox; give one a doorToken and call with Authorization: Bearer <doorToken>',
      })
}

async function environmentOf(
  request: FastifyRequest,
  directory: Directory,
  rules: CloudRunRules,
): Promise<{ environment: Environment } | Fault> {
  const { authorization } = request.headers
  if (authorization === undefined) return sandboxOf(request, directory, rules)
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
  const environment = token === undefined ? undefined : await directory.environmentOfDoorToken(token)
  return environment === undefined
    ? toAnyone('unauthorised', {
        zh: 'Authorization 中的令牌不属于任何环境；请核对环境的 doorToken，格式为 Bearer <doorToken>',
        en: "the token in Authorization is no environment's; check its doorToken and the form Bearer <doorToken>",
      })
    : { environment }
}

const byLowerName = new Map(
  [...payMethods].map(([name, method]) => [name.toLowerCase(), { methodName: name, method }] as const),
)

/** Ours to choose: 1–32 of what an appid is made of, as in the SDK's `apiOptions`. */
const appidPattern = /^[0-9A-Za-z_-]{1,32}$/

function appidIn(query: unknown, language: Language): { appid: string | undefined } | Fault {
  const given: unknown =
    typeof query === 'object' && query !== null ? Reflect.get(query, 'from_appid') : undefined
  if (given === undefined || given === '') return { appid: undefined }
  if (typeof given === 'string' && appidPattern.test(given)) return { appid: given }
  return fault(
    'invalidArguments',
    {
      zh: 'invalid args：from_appid 应为一个 appid，1–32 个字母、数字、_ 或 -',
      en: 'invalid args: from_appid must be one appid, 1-32 letters, digits, _ or -',
    }[language],
  )
}

function bodyIn(request: FastifyRequest, language: Language): { body: object } | Fault {
  const bytes = bodyOf(request)
  if (bytes === 'too-large') {
    const rule = {
      zh: `invalid args：请求体超过 ${maxBodyBytes} 字节`,
      en: `invalid args: the body is larger than ${maxBodyBytes} bytes`,
    }
    return fault('invalidArguments', rule[language])
  }
  const notJson = fault(
    'notJson',
    {
      zh: 'data format error：请求体须为 UTF-8 的 JSON 对象',
      en: 'data format error: the body must be a JSON object in UTF-8',
    }[language],
  )
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes ?? Buffer.alloc(0)))
  } catch {
    return notJson
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return notJson
  const wire = toWireNames(parsed)
  if ('refused' in wire) return fault('invalidArguments', `invalid args: ${wire.text[language]}`)
  return typeof wire.named === 'object' && wire.named !== null ? { body: wire.named } : notJson
}

function readFor(environment: Environment, request: FastifyRequest, name: string): ReadCall {
  const { language } = environment
  const found = byLowerName.get(name.toLowerCase())
  const methodName = found?.methodName ?? quoted(name)
  if (found === undefined) {
    return { ...fault('noSuchApi', noSuchMethod(name)[language]), environment, methodName }
  }
  const options = appidIn(request.query, language)
  if ('fault' in options) return { ...options, environment, methodName }
  const read = bodyIn(request, language)
  if ('fault' in read) return { ...read, environment, methodName }
  return { call: { environment, ...found, appid: options.appid, body: read.body } }
}

/** Whoever called: the name in the path is one of ours, or nothing is said of it. */
const claimedMethod = (name: string): { methodName?: string } => {
  const methodName = byLowerName.get(name.toLowerCase())?.methodName
  return methodName === undefined ? {} : { methodName }
}

/**
 * @param name as it stands in the path
 * @throws LedgerUnavailable when nothing was ever read of who may call
 */
export async function readCall(
  request: FastifyRequest,
  name: string,
  directory: Directory,
  rules: CloudRunRules,
): Promise<ReadCall> {
  if (request.method !== 'POST') {
    return toAnyone('needsPost', { zh: 'require POST method：请使用 POST', en: 'use POST' })
  }
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return fault('contentType', 'invalid content type')
  }
  const found = await environmentOf(request, directory, rules)
  return 'fault' in found ? { ...found, ...claimedMethod(name) } : readFor(found.environment, request, name)
}
