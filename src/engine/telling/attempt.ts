/**
 * One attempt to tell: sends a callback to whoever hosts its target, and judges the answer. Never: when, how often, and
 * what is written of it.
 */
import { createHmac } from 'node:crypto'
import type { Environment } from '../../ledger/environments.ts'
import type { Notice } from '../../ledger/notices.ts'
import type { Telling } from '../../ledger/tell-lane.ts'
import type { World } from '../../ledger/world.ts'
import {
  type DeliveryFault,
  faultOfContainer,
  faultOfNotifyUrl,
  faultOfResult,
} from '../../protocol/acknowledgement.ts'
import { targetText } from '../../protocol/callback-target.ts'
import type { Invocation } from '../../protocol/function-host.ts'
import { type InvokeMeans, invokeFunction, notHosted } from '../invoke-function.ts'
import { callbackOf, type ToSend, wrongKey } from './callback-of.ts'
import type { Posted } from './post.ts'

export interface Means extends InvokeMeans {
  readonly world: World
}

/** What came of it. */
export interface Attempted {
  /** Undefined: acknowledged. */
  readonly fault: DeliveryFault | undefined
  readonly status: number | undefined
  /** What was answered, as text. */
  readonly answer: string | undefined
  readonly sent: string
  readonly target: string
}

const textOf = ({ answer }: Posted) => answer?.toString('utf8')

const ended = (
  sent: string,
  toSend: ToSend,
  posted: Posted,
  fault: DeliveryFault | undefined,
): Attempted => ({
  fault,
  status: posted.status,
  answer: textOf(posted),
  sent,
  target: targetText(toSend.target),
})

async function toFunction(means: Means, environment: Environment, toSend: ToSend): Promise<Attempted> {
  const { target, callback, payer } = toSend
  if (target.kind !== 'function' || callback.kind !== 'function') throw new Error('not a function')
  const invocation: Invocation = {
    function_name: target.functionName,
    event: callback.event,
    caller: { source: 'wx_paycallback', env_id: target.envId, appid: payer.appid, openid: payer.openid },
  }
  const invoked = await invokeFunction(means, environment, invocation, environment.callbackTimeout)
  const failed = 'fault' in invoked
  return {
    fault: failed ? invoked.fault : faultOfResult(invoked.result),
    status: invoked.status,
    answer: failed ? invoked.shown : JSON.stringify(invoked.result),
    sent: JSON.stringify(callback.event),
    target: targetText(target),
  }
}

/** Ours: the platform sends none, and its users ask how to verify. `t`: real time in seconds. */
function signatureHeader(body: string, key: string, now: Date): string {
  const t = Math.floor(now.getTime() / 1000)
  return `t=${t},v1=${createHmac('sha256', key).update(`${t}.${body}`).digest('hex')}`
}

/** A header holds visible ASCII; all else is written as in a URL. */
const headerText = (value: string) => (/^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value))

/** The platform's own headers, which a container tells genuine calls by. */
async function toContainer(
  means: Means,
  environment: Environment,
  toSend: ToSend,
  notice: Notice,
): Promise<Attempted> {
  const { target, callback, payer } = toSend
  if (target.kind !== 'container' || callback.kind === 'function') throw new Error('not a container')
  const { body } = callback
  const host = await means.hosts.find(environment, target)
  if (host === undefined) return ended(body, toSend, { fault: notHosted(target) }, notHosted(target))
  const key = notice.badSignature === true ? wrongKey : (environment.doorToken ?? environment.secretKey)
  const posted = await means.poster.post({
    url: `${host.url}${target.path}`,
    headers: {
      'content-type': 'application/json',
      'x-wx-source': 'wx_paycallback',
      'x-wx-env': headerText(target.envId),
      'x-wx-service': headerText(target.service),
      'x-wx-appid': headerText(payer.appid),
      'x-wx-openid': headerText(payer.openid),
      'x-cloudpay-signature': signatureHeader(body, key, means.world.wallClock()),
    },
    body,
    timeoutMs: environment.callbackTimeout,
  })
  if ('fault' in posted) return ended(body, toSend, posted, posted.fault)
  const fault = faultOfContainer(posted.status, posted.answer.toString('utf8'), posted.location)
  return ended(body, toSend, posted, fault)
}

async function toUrl(means: Means, environment: Environment, toSend: ToSend): Promise<Attempted> {
  const { target, callback } = toSend
  if (target.kind !== 'url' || callback.kind === 'function') throw new Error('not a URL')
  const posted = await means.poster.post({
    url: target.url,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: callback.body,
    timeoutMs: environment.callbackTimeout,
  })
  if ('fault' in posted) return ended(callback.body, toSend, posted, posted.fault)
  return ended(callback.body, toSend, posted, faultOfNotifyUrl(posted.status, posted.answer, posted.location))
}

const noKey: DeliveryFault = {
  code: 'no-key',
  text: {
    zh: '环境配置中已没有签名所需的密钥（商户的 apiKey）',
    en: "the environment's configuration no longer has the key that signs this (apiKey of the merchant)",
  },
}

const newNonce = (world: World) => Buffer.from(world.randomBytes(16)).toString('hex').slice(0, 16)

/** Never throws but for a bug or a ledger that is away. @throws LedgerUnavailable */
export function attempt(
  means: Means,
  environment: Environment,
  telling: Telling,
  notice: Notice,
): Promise<Attempted> {
  const toSend = callbackOf(telling, notice, environment, newNonce(means.world))
  if (toSend === undefined) {
    const target = telling.tellTarget
    return Promise.resolve({ fault: noKey, status: undefined, answer: undefined, sent: '', target })
  }
  switch (toSend.target.kind) {
    case 'function':
      return toFunction(means, environment, toSend)
    case 'container':
      return toContainer(means, environment, toSend, notice)
    case 'url':
      return toUrl(means, environment, toSend)
  }
}
