/**
 * What is said of a call whose SecretId nobody has here: which one was sent, which there are, what to do. Pure. For the log
 * alone: the caller hears no more than that nobody has it.
 */
import { checkOf, type Evidence, hidden, type SignatureCheck } from '../signature-check.ts'
import type { Text } from '../text.ts'
import type { SignedRequest } from './verify-signed.ts'
import { expectedText } from './why-missigned.ts'

export interface KnownId {
  readonly envId: string
  readonly secretId: string
}

/** What begins so is an id by its form. Of anything else nobody knows: who mixes two settings up sends a key there. */
const isId = (text: string) => /^AKID[0-9A-Za-z_-]{1,60}$/.test(text)

/** More than these nobody reads. */
const mostNamed = 5

function sentText(secretId: string): Text {
  if (isId(secretId))
    return { zh: `调用方用的 SecretId 是 ${secretId}`, en: `the caller’s SecretId is ${secretId}` }
  return {
    zh: `调用方用的 SecretId（${secretId.length} 个字符，${hidden}）不以 AKID 开头，可能与 SecretKey 填反了`,
    en: `the caller’s SecretId (${secretId.length} characters, ${hidden}) does not begin with AKID: it may have changed places with the SecretKey`,
  }
}

function knownText(known: readonly KnownId[]): Text {
  const named = known.slice(0, mostNamed)
  const rest = known.length - named.length
  return {
    zh: `${named.map(({ envId, secretId }) => `${secretId}（环境 ${envId}）`).join('、')}${rest > 0 ? `，另有 ${rest} 个` : ''}`,
    en: `${named.map(({ envId, secretId }) => `${secretId} (environment ${envId})`).join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`,
  }
}

/** @param known ids of this server, the likeliest first */
export function whyUnknownId(
  request: SignedRequest,
  known: readonly KnownId[],
  evidence: Evidence,
): SignatureCheck {
  const [sent, here] = [sentText(request.authorization.secretId), knownText(known)]
  return checkOf(
    {
      part: 'secret-id',
      zh: `${sent.zh}，这里没有。这里有：${here.zh}。请把调用方的 TENCENTCLOUD_SECRETID（或 cloud.init 的 secretId）和对应的 SecretKey 改成其中之一`,
      en: `${sent.en}; nobody has it here. There are: ${here.en}. Set TENCENTCLOUD_SECRETID (or the secretId of cloud.init) and the SecretKey that belongs to it`,
    },
    { canonical: expectedText(request, evidence) },
    evidence.hide,
  )
}
