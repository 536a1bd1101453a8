/**
 * How the answer to a callback is judged, and why a delivery failed, in words that say what to do.
 * Source: CloudPay.paymentCallback page (`errcode` must be the number 0; anything else is tried again); v2 "callback
 * rules" (XML, `return_code` SUCCESS, nothing around it).
 */
import type { Text } from './text.ts'
import { readXml } from './v2/xml.ts'

/** Why one attempt failed. `code` is for programs and metrics, `text` for people. */
export interface DeliveryFault {
  readonly code: DeliveryFaultCode
  readonly text: Text
}

/**
 * `not-acknowledged`: an answer came, and it is not the right one. `function-…`: of a host of functions.
 * `not-hosted`: nobody says to serve this function or container. `forbidden`: no address that may be called.
 */
export const deliveryFaultCodes = [
  'not-acknowledged',
  'http-status',
  'redirect',
  'too-large',
  'timeout',
  'connection',
  'forbidden',
  'not-hosted',
  'function-threw',
  'function-failed',
  'lost',
  'no-key',
] as const
export type DeliveryFaultCode = (typeof deliveryFaultCodes)[number]

/** What is shown of an answer in a reason. */
const mostShown = 120
const mostLookedAt = 20 * mostShown

const shown = (answer: string) => {
  const said = answer.trim()
  // Of a long one the beginning is enough to look at.
  const characters = [...said.slice(0, mostLookedAt).replace(/\s+/g, ' ')]
  return characters.length > mostShown || said.length > mostLookedAt
    ? `${characters.slice(0, mostShown).join('')}…`
    : characters.join('')
}

const wrong = (zh: string, en: string): DeliveryFault => ({ code: 'not-acknowledged', text: { zh, en } })

const wantedJson: Text = {
  zh: '须返回 {"errcode": 0, "errmsg": "ok"}，其中 errcode 是数字 0',
  en: 'a number errcode: 0 is required, as in {"errcode": 0, "errmsg": "ok"}',
}

const notErrcode = (answer: string): DeliveryFault =>
  wrong(`应答为 ${shown(answer)}；${wantedJson.zh}`, `answered ${shown(answer)}; ${wantedJson.en}`)

/** What a function returned. @returns undefined when it acknowledges */
export function faultOfResult(result: unknown): DeliveryFault | undefined {
  if (result === undefined || result === null)
    return wrong(`函数没有返回值；${wantedJson.zh}`, `the function returned nothing; ${wantedJson.en}`)
  if (typeof result === 'object' && Reflect.get(result, 'errcode') === 0) return undefined
  return notErrcode(JSON.stringify(result))
}

const httpStatus = (status: number, answer: string, location?: string): DeliveryFault => {
  const where = location === undefined ? '' : shown(location)
  const what = answer.trim() === '' ? '' : `: ${shown(answer)}`
  if (status >= 300 && status < 400) {
    return {
      code: 'redirect',
      text: {
        zh: `应答 HTTP ${status}：重定向不会被跟随，请直接写最终地址${where && `（${where}）`}`,
        en: `answered HTTP ${status}: redirects are not followed, give the final address${where && ` (${where})`}`,
      },
    }
  }
  return {
    code: 'http-status',
    text: { zh: `应答 HTTP ${status}${what}`, en: `answered HTTP ${status}${what}` },
  }
}

/** What a container answered. @returns undefined when it acknowledges */
export function faultOfContainer(
  status: number,
  answer: string,
  location?: string,
): DeliveryFault | undefined {
  if (status < 200 || status > 299) return httpStatus(status, answer, location)
  if (answer.trim() === '') return wrong(`应答为空；${wantedJson.zh}`, `answered nothing; ${wantedJson.en}`)
  let parsed: unknown
  try {
    parsed = JSON.parse(answer)
  } catch {
    return wrong(
      `应答不是 JSON：${shown(answer)}；${wantedJson.zh}`,
      `answered what is no JSON: ${shown(answer)}; ${wantedJson.en}`,
    )
  }
  const acknowledges = typeof parsed === 'object' && parsed !== null && Reflect.get(parsed, 'errcode') === 0
  return acknowledges ? undefined : notErrcode(answer)
}

const wantedXml: Text = {
  zh: '须返回 <xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>，前后不得有其他内容',
  en: 'it must be <xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml> and nothing around it',
}

/** What a v2 `notify_url` answered. @returns undefined when it acknowledges */
export function faultOfNotifyUrl(
  status: number,
  answer: Uint8Array,
  location?: string,
): DeliveryFault | undefined {
  const text = Buffer.from(answer).toString('utf8')
  if (status !== 200) return httpStatus(status, text, location)
  if (text === '') return wrong(`应答为空；${wantedXml.zh}`, `answered nothing; ${wantedXml.en}`)
  // A byte order mark or a blank line before the XML counts as stray: v2 callback rules.
  const xml = text.startsWith('<') ? readXml(answer) : undefined
  if (xml === undefined || 'refused' in xml) {
    return wrong(
      `应答不是所需的 XML：${shown(text)}；${wantedXml.zh}`,
      `answered what is not the XML that is needed: ${shown(text)}; ${wantedXml.en}`,
    )
  }
  const code = xml.fields.get('return_code')
  if (code === 'SUCCESS') return undefined
  const reason = xml.fields.get('return_msg') ?? ''
  return wrong(
    `应答 return_code=${shown(code ?? '')}${reason === '' ? '' : `（${shown(reason)}）`}；须为 SUCCESS`,
    `answered return_code=${shown(code ?? '')}${reason === '' ? '' : ` (${shown(reason)})`}; SUCCESS is required`,
  )
}
