/**
 * From the bytes of a v2 request to a call. Order of checks, the first that fails is what the caller hears (v2-wire §4):
 * HTTP method, body, UTF-8, XML, the envelope's fields, account, appid, binding, signature. The rest is the method's.
 * What fails here is a communication failure: unsigned, a text and nothing else.
 */
import type { FastifyRequest } from 'fastify'
import type { Services } from '../../methods/services.ts'
import type { Dialect } from '../../protocol/answer.ts'
import { type Facts, type RefusalName, refusalText, textForAnyone } from '../../protocol/catalogue.ts'
import type { MethodName } from '../../protocol/catalogue-entry.ts'
import type { SignatureCheck } from '../../protocol/signature-check.ts'
import type { Text } from '../../protocol/text.ts'
import { type Envelope, isSigned, readEnvelope, signTypeOf } from '../../protocol/v2/envelope.ts'
import { whyMissigned } from '../../protocol/v2/why-missigned.ts'
import { readXml, type XmlFields } from '../../protocol/v2/xml.ts'
import { maySearch, v2Evidence } from '../evidence.ts'
import { bodyOf } from '../http.ts'
import { findSpeaker, type Speaker, whatIsUnbound } from './account.ts'

export interface V2Call {
  readonly environment: Speaker['environment']
  readonly dialect: Dialect
  /** Wire names, texts; a direct merchant's with the sub_mch_id and sub_appid that it has in the order book. */
  readonly body: object
}

export interface Failed {
  readonly failed: string
  readonly text: string
  /** For our log alone: why the signature does not hold. */
  readonly signed?: SignatureCheck
}

type Known = { readonly fields: XmlFields; readonly envelope: Envelope }

const toAnyone = (name: RefusalName, facts?: Readonly<Record<string, Text>>): Failed => ({
  failed: name,
  text: textForAnyone(name, facts),
})

const inBoth = (text: string): Text => ({ zh: text, en: text })

/** A server never sends one; a page that knows the demo's well-known key would, of whatever site it is. */
const fromAPage: Text = {
  zh: '请求来自网页（带有 Origin），这里只接受服务端的调用',
  en: 'the request comes from a web page (Origin); only servers are served here',
}

function readBody(request: FastifyRequest): Known | Failed {
  if (request.headers.origin !== undefined) return toAnyone('parameterFormat', { problem: fromAPage })
  if (request.method !== 'POST') return toAnyone('requirePostMethod')
  const bytes = bodyOf(request)
  if (bytes === undefined || bytes.length === 0) return toAnyone('postDataEmpty')
  if (bytes === 'too-large')
    return toAnyone('xmlFormatError', { problem: { zh: '过大', en: 'it is too large' } })
  const xml = readXml(bytes)
  if ('refused' in xml) {
    return xml.refused === 'not-utf8'
      ? toAnyone('notUtf8')
      : toAnyone('xmlFormatError', { problem: xml.text })
  }
  const read = readEnvelope(xml.fields)
  if ('lacking' in read) return toAnyone('lackParams', { field: inBoth(read.lacking) })
  if ('problem' in read) return toAnyone('parameterFormat', { problem: read.problem })
  return { fields: xml.fields, envelope: read.envelope }
}

/** What a direct merchant says of a sub-merchant means nothing: it has none, and is its own in the order book. */
const bodyOfCall = ({ fields, envelope }: Known, { direct, account }: Speaker): object => {
  const body = Object.fromEntries(fields)
  if (!direct) return body
  const { sub_openid: _, ...own } = body
  return { ...own, sub_mch_id: account.mchId, sub_appid: envelope.appid }
}

/** @throws LedgerUnavailable when who may call was never read, or a strict environment's merchant cannot be looked up */
export async function readCall(
  request: FastifyRequest,
  method: MethodName,
  services: Services,
): Promise<{ readonly call: V2Call } | Failed> {
  const known = readBody(request)
  if ('failed' in known) return known
  const { fields, envelope } = known
  const speaker = await findSpeaker(services.directory, envelope)
  if ('notKnown' in speaker) {
    const { field, why } = speaker.notKnown
    return toAnyone('mchIdNotExist', { field: inBoth(field), problem: why })
  }
  const { environment, account, direct } = speaker
  const refuse = (name: RefusalName, facts?: Facts): Failed => ({
    failed: name,
    text: refusalText(name, method, environment, facts),
  })
  const unbound = await whatIsUnbound(services, speaker, envelope)
  if (unbound !== undefined) return refuse(unbound.refusal, unbound.facts)
  const signType = signTypeOf(fields)
  if (signType === undefined || !isSigned(fields, account.apiKey, signType)) {
    if (!maySearch(services)) return refuse('signError')
    const evidence = await v2Evidence(services.directory, environment, account)
    return { ...refuse('signError'), signed: whyMissigned(fields, evidence) }
  }
  return {
    call: {
      environment,
      dialect: { wire: 'v2', account, direct, signType },
      body: bodyOfCall(known, speaker),
    },
  }
}
