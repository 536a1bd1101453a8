/**
 * From the bytes of `POST /admin` to a call: body, multipart, signature, action, method, environment, JSON, in this
 * order; the first that is wrong is what the caller hears. Uses signed fields only.
 */
import type { FastifyRequest } from 'fastify'
import type { Directory } from '../../ledger/directory.ts'
import type { Environment } from '../../ledger/environments.ts'
import { readApiOptions } from '../../protocol/cloud-function/api-options.ts'
import { parseAuthorization } from '../../protocol/cloud-function/authorization.ts'
import { type Part, readMultipart } from '../../protocol/cloud-function/multipart.ts'
import { toWireNames } from '../../protocol/cloud-function/names.ts'
import { quoted, type Refused } from '../../protocol/cloud-function/refusal.ts'
import { verifySigned } from '../../protocol/cloud-function/verify-signed.ts'
import type { Language, Text } from '../../protocol/text.ts'
import { bodyOf, maxBodyBytes } from '../http.ts'
import { noSuchMethod, type PayMethod, payMethods } from '../pay-methods.ts'
import type { DoorError } from './answers.ts'

export interface AdminCall {
  readonly environment: Environment
  readonly method: PayMethod
  readonly methodName: string
  readonly appid: string | undefined
  /** snake_case keys. */
  readonly body: object
}

export type ReadCall =
  | { readonly call: AdminCall }
  | {
      readonly refused: DoorError
      readonly environment?: Environment
      readonly methodName?: string
      /** What our log says instead of the text that the caller hears. */
      readonly why?: string
    }

/** Before the signature is known, nobody's language is: both. */
const both = (text: Text) => `${text.zh} / ${text.en}`

const invalid = (message: string): { refused: DoorError } => ({ refused: { code: 'INVALID_PARAM', message } })

/** The text repeats pieces of what was sent, and who mixes two settings up sends a key there: the log has the reason. */
const unsigned = ({ refused, text }: Refused<string>): { refused: DoorError; why: string } => ({
  refused: { code: 'SIGN_PARAM_INVALID', message: both(text) },
  why: refused,
})

const textOf = (fields: ReadonlyMap<string, Part>, name: string) =>
  fields.get(name)?.bytes.toString('utf8') ?? ''

function urlOf(request: FastifyRequest): { path: string; query: string } {
  const raw = request.raw.url ?? '/'
  const mark = raw.indexOf('?')
  return mark < 0 ? { path: raw, query: '' } : { path: raw.slice(0, mark), query: raw.slice(mark + 1) }
}

/** Proves who sent it. @throws LedgerUnavailable when no key was ever read */
async function authenticate(request: FastifyRequest, directory: Directory, now: Date) {
  // The SDK never sends one. A page that knows the demo's well-known key would, after rebinding a name to this machine.
  if (request.headers.origin !== undefined) {
    return unsigned({
      refused: 'from-a-page',
      text: {
        zh: '请求来自网页（带有 Origin），这里只接受官方 SDK 的调用',
        en: 'the request comes from a web page (Origin); only the official SDK is served here',
      },
    })
  }
  const body = bodyOf(request)
  if (body === 'too-large') {
    return invalid(
      both({
        zh: `请求体超过 ${maxBodyBytes} 字节`,
        en: `the body is larger than ${maxBodyBytes} bytes`,
      }),
    )
  }
  const contentType = request.headers['content-type'] ?? ''
  if (!/^multipart\//i.test(contentType)) return otherAction(body)
  const multipart = await readMultipart(contentType, body ?? Buffer.alloc(0))
  if ('refused' in multipart) return invalid(both(multipart.text))
  const authorization = parseAuthorization(request.headers.authorization)
  if ('refused' in authorization) return unsigned(authorization)
  const environment = await directory.environmentOfSecretId(authorization.secretId)
  const verified = verifySigned(
    {
      method: request.method,
      ...urlOf(request),
      headers: request.headers,
      parts: multipart.parts,
      authorization,
    },
    environment?.secretKey,
    now,
  )
  if ('refused' in verified) return unsigned(verified)
  // Never reached without an environment: an unknown id does not verify.
  return environment === undefined ? invalid('no environment') : { environment, fields: verified.fields }
}

function actionIn(body: Buffer | undefined): string {
  try {
    const parsed: unknown = JSON.parse(body?.toString('utf8') ?? '')
    const action: unknown =
      typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'action') : undefined
    return typeof action === 'string' ? ` ${quoted(action)}` : ''
  } catch {
    return ''
  }
}

/** What the same SDK also sends to this address, as JSON: functions, storage, databases. Not what this server is. */
function otherAction(body: Buffer | undefined) {
  const name = actionIn(body)
  return invalid(
    both({
      zh: `不支持的操作${name}：本服务只接受 cloud.cloudPay 的调用（multipart/form-data）`,
      en: `unsupported action${name}: this server takes calls of cloud.cloudPay only (multipart/form-data)`,
    }),
  )
}

function methodNamed(name: string, language: Language): { method: PayMethod } | { refused: DoorError } {
  const method = payMethods.get(name)
  return method === undefined
    ? { refused: { errcode: -604100, errmsg: noSuchMethod(name)[language] } }
    : { method }
}

function readJsonObject(bytes: Buffer, language: Language): { body: object } | { refused: DoorError } {
  const say = (zh: string, en: string) => invalid({ zh, en }[language])
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    return error instanceof SyntaxError
      ? say('requestData 不是合法的 JSON', 'requestData is not valid JSON')
      : say('requestData 不是 UTF-8', 'requestData is not UTF-8')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return say(
      'requestData 须为 JSON 对象，例如 closeOrder({ subMchId, outTradeNo })',
      'requestData must be a JSON object, as in closeOrder({ subMchId, outTradeNo })',
    )
  }
  const wire = toWireNames(parsed)
  if ('refused' in wire) return invalid(wire.text[language])
  return typeof wire.named === 'object' && wire.named !== null ? { body: wire.named } : invalid('requestData')
}

/** The fields of a verified call, in the environment's own language from here on. */
function readFields(environment: Environment, fields: ReadonlyMap<string, Part>): ReadCall {
  const { language } = environment
  const methodName = textOf(fields, 'apiname')
  const refuse = (error: { refused: DoorError }): ReadCall => ({
    ...error,
    environment,
    methodName: quoted(methodName),
  })
  const action = textOf(fields, 'action')
  if (action !== 'wx.wxPayApi') {
    return refuse(
      invalid(
        {
          zh: `不支持的操作 ${quoted(action)}：本服务只接受 cloud.cloudPay 的调用`,
          en: `unsupported action ${quoted(action)}: this server takes calls of cloud.cloudPay only`,
        }[language],
      ),
    )
  }
  const envName = textOf(fields, 'envname')
  if (environment.strictEnv && envName !== '' && envName !== environment.envId) {
    return refuse({
      refused: {
        errcode: -601012,
        errmsg: {
          zh: `该 SecretId 属于环境 ${environment.envId}，不能用于 ${quoted(envName)}（strictEnv）；请改 cloud.init 的 env`,
          en: `this SecretId belongs to environment ${environment.envId}, not to ${quoted(envName)} (strictEnv); change env in cloud.init`,
        }[language],
      },
    })
  }
  const named = methodNamed(methodName, language)
  if ('refused' in named) return refuse(named)
  const options = readApiOptions(fields.get('apioptions')?.bytes ?? Buffer.alloc(0))
  if ('refused' in options) return refuse(invalid(options.text[language]))
  const json = readJsonObject(fields.get('requestdata')?.bytes ?? Buffer.alloc(0), language)
  if ('refused' in json) return refuse(json)
  return { call: { environment, method: named.method, methodName, appid: options.appid, body: json.body } }
}

/** @param now real time: signatures never follow a test clock; @throws LedgerUnavailable when no key was ever read */
export async function readCall(request: FastifyRequest, directory: Directory, now: Date): Promise<ReadCall> {
  const authentic = await authenticate(request, directory, now)
  return 'refused' in authentic ? authentic : readFields(authentic.environment, authentic.fields)
}
