/**
 * From the bytes of `POST /admin` to a call of a pay method or of a cloud function: body, form, signature, action,
 * method, environment, JSON, in this order; the first that is wrong is what the caller hears. Uses signed fields only.
 */
import type { FastifyRequest } from 'fastify'
import { readFaultHeader, struckBy } from '../../channels/sandbox/faults.ts'
import type { Environment } from '../../ledger/environments.ts'
import type { Services } from '../../methods/services.ts'
import { readApiOptions } from '../../protocol/cloud-function/api-options.ts'
import { parseAuthorization } from '../../protocol/cloud-function/authorization.ts'
import { jsonParts } from '../../protocol/cloud-function/json-parts.ts'
import { type Part, readMultipart } from '../../protocol/cloud-function/multipart.ts'
import { quoted, type Refused } from '../../protocol/cloud-function/refusal.ts'
import {
  type SignatureReason,
  type SignedRequest,
  verifySigned,
} from '../../protocol/cloud-function/verify-signed.ts'
import { whyMissigned, whyUntimely } from '../../protocol/cloud-function/why-missigned.ts'
import { whyUnknownId } from '../../protocol/cloud-function/why-unknown-id.ts'
import { type FunctionUser, readFunctionUser } from '../../protocol/function-user.ts'
import type { SignatureCheck } from '../../protocol/signature-check.ts'
import type { Language, Text } from '../../protocol/text.ts'
import { maySearch, tc3Evidence } from '../evidence.ts'
import { bodyOf, faultHeaderOf, maxBodyBytes } from '../http.ts'
import { noSuchMethod, type PayMethod, payMethods } from '../pay-methods.ts'
import { type DoorError, invalid } from './answers.ts'
import { callsFunction, claimed, claimedMethod } from './claims.ts'
import { readJsonObject } from './json-object.ts'

export interface AdminCall {
  readonly environment: Environment
  readonly method: PayMethod
  readonly methodName: string
  readonly appid: string | undefined
  /** snake_case keys. */
  readonly body: object
  /** Who called the function that calls; undefined: not a hosted function, or nobody. */
  readonly user: FunctionUser | undefined
}

/** `cloud.callFunction`: one function calls another. */
export interface FunctionCall {
  readonly environment: Environment
  readonly functionName: string
  readonly event: Readonly<Record<string, unknown>>
  /** Undefined: the caller named none, `cloud.init()`. */
  readonly cloudEnv: string | undefined
  /** For whom the calling function works. */
  readonly user: FunctionUser | undefined
}

export type ReadCall =
  | { readonly call: AdminCall }
  | { readonly functionCall: FunctionCall }
  | {
      readonly refused: DoorError
      readonly environment?: Environment
      readonly methodName?: string
      /** What our log says instead of the text that the caller hears. */
      readonly why?: string
      /** For our log as well: why the signature does not hold. */
      readonly signed?: SignatureCheck | undefined
    }

/** Before the signature is known, nobody's language is: both. */
const both = (text: Text) => `${text.zh} / ${text.en}`

/** The text repeats pieces of what was sent, and who mixes two settings up sends a key there: the log has the reason. */
const unsigned = (
  { refused, text }: Refused<string>,
  signed?: SignatureCheck,
): Extract<ReadCall, { refused: DoorError }> => ({
  refused: { code: 'SIGN_PARAM_INVALID', message: both(text) },
  why: refused,
  signed,
})

/** For the log alone: what is wrong with a signature, where that can be told. */
async function whyUnsigned(
  services: Services,
  environment: Environment | undefined,
  request: SignedRequest,
  fault: Refused<SignatureReason>,
): Promise<SignatureCheck | undefined> {
  if (!maySearch(services)) return undefined
  const evidence = await tc3Evidence(services.directory, environment)
  switch (fault.refused) {
    case 'signature-mismatch':
      return whyMissigned(request, evidence)
    case 'unknown-secret-id':
      return whyUnknownId(request, await services.directory.environments(), evidence)
    default:
      return whyUntimely(request, fault, evidence)
  }
}

const textOf = (fields: ReadonlyMap<string, Part>, name: string) =>
  fields.get(name)?.bytes.toString('utf8') ?? ''

function urlOf(request: FastifyRequest): { path: string; query: string } {
  const raw = request.raw.url ?? '/'
  const mark = raw.indexOf('?')
  return mark < 0 ? { path: raw, query: '' } : { path: raw.slice(0, mark), query: raw.slice(mark + 1) }
}

type Fields = ReadonlyMap<string, Part>
interface Form {
  readonly parts: readonly Part[]
  /** What the signature must cover, of this action. */
  readonly mustCover: readonly string[]
}

/** The two forms that are served: multipart of the pay methods, JSON of a function that calls another. */
async function readForm(request: FastifyRequest): Promise<Form | { refused: DoorError }> {
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
  if (/^multipart\//i.test(contentType)) {
    const multipart = await readMultipart(contentType, body ?? Buffer.alloc(0))
    return 'refused' in multipart
      ? invalid(both(multipart.text))
      : { parts: multipart.parts, mustCover: ['action', 'apiname', 'requestdata'] }
  }
  const action = actionIn(body)
  if (action !== callsFunction) return otherAction(action)
  const json = jsonParts(body ?? Buffer.alloc(0))
  return 'refused' in json
    ? invalid(both(json.text))
    : { parts: json.parts, mustCover: ['action', 'function_name'] }
}

/** Where a fault has it so, our clock and the caller's differ. */
async function skewMs(
  { faults }: Services,
  environment: Environment | undefined,
  form: Form,
  header: string | undefined,
): Promise<number> {
  if (environment === undefined) return 0
  const asked = readFaultHeader(header)
  const site = Object.assign(claimed(form.parts), { strikes: ['call'], only: 'clock-skew' } as const)
  const struck = await faults.striking(environment.envId, site, 'asked' in asked ? asked.asked : [])
  return struckBy(struck, 'clock-skew')?.ms ?? 0
}

/** Proves who sent it. @throws LedgerUnavailable when no key was ever read */
async function authenticate(request: FastifyRequest, services: Services, now: Date) {
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
  const form = await readForm(request)
  if ('refused' in form) return form
  const authorization = parseAuthorization(request.headers.authorization)
  if ('refused' in authorization) return unsigned(authorization)
  const environment = await services.directory.environmentOfSecretId(authorization.secretId)
  const skew = await skewMs(services, environment, form, faultHeaderOf(request))
  const signed: SignedRequest = {
    method: request.method,
    ...urlOf(request),
    headers: request.headers,
    ...form,
    authorization,
  }
  const verified = verifySigned(signed, environment?.secretKey, new Date(now.getTime() + skew))
  if ('refused' in verified)
    return {
      ...unsigned(verified, await whyUnsigned(services, environment, signed, verified)),
      ...claimedMethod(form.parts),
    }
  // Never reached without an environment: an unknown id does not verify.
  return environment === undefined ? invalid('no environment') : { environment, fields: verified.fields }
}

function actionIn(body: Buffer | undefined): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body?.toString('utf8') ?? '')
    const action: unknown =
      typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'action') : undefined
    return typeof action === 'string' ? action : undefined
  } catch {
    return undefined
  }
}

/** What the same SDK also sends to this address: storage, databases, open interfaces. Not what this server is. */
function otherAction(action: string | undefined) {
  const name = action === undefined ? '' : ` ${quoted(action)}`
  return invalid(
    both({
      zh: `不支持的操作${name}：本服务只接受 cloud.cloudPay 与 cloud.callFunction 的调用`,
      en: `unsupported action${name}: this server takes calls of cloud.cloudPay and cloud.callFunction only`,
    }),
  )
}

function methodNamed(name: string, language: Language): { method: PayMethod } | { refused: DoorError } {
  const method = payMethods.get(name)
  return method === undefined
    ? { refused: { errcode: -604100, errmsg: noSuchMethod(name)[language] } }
    : { method }
}

/** An SDK that was initialised for another environment's name, where the environment insists on its own. */
function foreignName(
  { strictEnv, envId, language }: Environment,
  envName: string,
): { refused: DoorError } | undefined {
  if (!strictEnv || envName === '' || envName === envId) return undefined
  return {
    refused: {
      errcode: -601012,
      errmsg: {
        zh: `该 SecretId 属于环境 ${envId}，不能用于 ${quoted(envName)}（strictEnv）；请改 cloud.init 的 env`,
        en: `this SecretId belongs to environment ${envId}, not to ${quoted(envName)} (strictEnv); change env in cloud.init`,
      }[language],
    },
  }
}

function readFunctionCall(environment: Environment, fields: Fields): ReadCall {
  const methodName = 'callFunction'
  const envName = textOf(fields, 'envname')
  const foreign = foreignName(environment, envName)
  if (foreign !== undefined) return { ...foreign, environment, methodName }
  const text = textOf(fields, 'request_data')
  const data =
    text === ''
      ? { body: {} }
      : readJsonObject(Buffer.from(text), environment.language, (named) => ({ named }))
  if ('refused' in data) return { ...data, environment, methodName }
  return {
    functionCall: {
      environment,
      functionName: textOf(fields, 'function_name').slice(0, 128),
      event: { ...data.body },
      cloudEnv: envName === '' ? undefined : envName.slice(0, 128),
      user: readFunctionUser(textOf(fields, 'wxcloudapitoken')),
    },
  }
}

/** The fields of a verified call, in the environment's own language from here on. */
function readFields(environment: Environment, fields: Fields): ReadCall {
  const { language } = environment
  const action = textOf(fields, 'action')
  if (action === callsFunction) return readFunctionCall(environment, fields)
  const methodName = textOf(fields, 'apiname')
  const refuse = (error: { refused: DoorError }): ReadCall => ({
    ...error,
    environment,
    methodName: quoted(methodName),
  })
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
  const foreign = foreignName(environment, textOf(fields, 'envname'))
  if (foreign !== undefined) return refuse(foreign)
  const named = methodNamed(methodName, language)
  if ('refused' in named) return refuse(named)
  const options = readApiOptions(fields.get('apioptions')?.bytes ?? Buffer.alloc(0))
  if ('refused' in options) return refuse(invalid(options.text[language]))
  const json = readJsonObject(fields.get('requestdata')?.bytes ?? Buffer.alloc(0), language)
  if ('refused' in json) return refuse(json)
  const user = readFunctionUser(textOf(fields, 'wxcloudapitoken'))
  return {
    call: { environment, method: named.method, methodName, appid: options.appid, body: json.body, user },
  }
}

/** @param now real time: signatures never follow a test clock; @throws LedgerUnavailable when no key was ever read */
export async function readCall(request: FastifyRequest, services: Services, now: Date): Promise<ReadCall> {
  const authentic = await authenticate(request, services, now)
  return 'refused' in authentic ? authentic : readFields(authentic.environment, authentic.fields)
}
