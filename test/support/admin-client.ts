/** A signed client of `POST /admin` that can also be wrong on purpose. The official SDK is tested beside it. */
import { randomBytes } from 'node:crypto'
import type { Part } from '../../src/protocol/cloud-function/multipart.ts'
import { signRequest } from '../../src/protocol/cloud-function/tc3.ts'

export interface Credentials {
  readonly secretId: string
  readonly secretKey: string
}

/** What came back: the status, the channel that the content type chose, the JSON. */
export interface Heard {
  readonly status: number
  readonly channel: 'answer' | 'error'
  readonly json: Record<string, unknown>
}

export const textPart = (name: string, value: string): Part => ({
  name,
  kind: 'text',
  bytes: Buffer.from(value),
})
export const bytesPart = (name: string, value: string | Uint8Array): Part => ({
  name,
  kind: 'bytes',
  bytes: Buffer.from(value),
})

export interface SdkOptions {
  readonly envName?: string
  readonly apiOptions?: Uint8Array
}

/** The fields that wx-server-sdk 4.0.2 sends, in its order. */
export const sdkParts = (
  apiName: string,
  requestData: string | Uint8Array,
  more: SdkOptions = {},
): Part[] => [
  textPart('action', 'wx.wxPayApi'),
  textPart('apiName', apiName),
  bytesPart('apiOptions', more.apiOptions ?? new Uint8Array()),
  bytesPart('requestData', requestData),
  textPart('envName', more.envName ?? 'prod-1a2b'),
  textPart('wxCloudApiToken', ''),
  textPart('wxCloudbaseAccesstoken', ''),
  textPart('tcb_sessionToken', ''),
  textPart('crossAuthorizationToken', ''),
]

export function multipartBody(parts: readonly Part[], boundary: string): Buffer {
  const chunks = parts.flatMap((part) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${part.name}"\r\n${
        part.kind === 'bytes' ? 'Content-Type: application/octet-stream\r\n' : ''
      }\r\n`,
    ),
    part.bytes,
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)])
}

/** A request ready to send, so that a test can spoil any piece of it. */
export interface Prepared {
  url: string
  headers: Record<string, string>
  body: Buffer
}

export function prepare(
  url: string,
  credentials: Credentials,
  parts: readonly Part[],
  signedAt = new Date(),
): Prepared {
  const { host } = new URL(url)
  const boundary = `--------------------------${randomBytes(12).toString('hex')}`
  const contentType = `multipart/form-data; boundary=${boundary}`
  const query = 'env=prod-1a2b&seqId=18bcfe56800_1'
  const headers = signRequest(
    {
      host,
      path: '/admin',
      query,
      headers: {
        'content-type': contentType,
        'user-agent': 'tcb-node-sdk/3.17.2',
        'x-client-timestamp': String(signedAt.getTime()),
        'x-sdk-version': 'wx-server-sdk/4.0.2',
        'x-tcb-source': ',unknown',
      },
      parts,
    },
    credentials,
    Math.floor(signedAt.getTime() / 1000) - 1,
  )
  const { host: _, ...sent } = headers
  return {
    url: `${url}/admin?${query}`,
    headers: { ...sent, 'content-type': contentType },
    body: multipartBody(parts, boundary),
  }
}

/** The same signature over another body: what a forger who only holds one signed request could send. */
export const withParts = (prepared: Prepared, parts: readonly Part[]): Prepared => {
  const boundary = /boundary=(.+)$/.exec(prepared.headers['content-type'] ?? '')?.[1]
  if (boundary === undefined) throw new Error('the prepared request has no boundary')
  return { ...prepared, body: multipartBody(parts, boundary) }
}

/** `apiOptions` of `cloud.cloudPay({ appid })`: protobuf, field 1. */
export const apiOptionsOf = (appid: string): Uint8Array =>
  Buffer.concat([Buffer.from([0x0a, appid.length]), Buffer.from(appid)])

export async function send({ url, headers, body }: Prepared): Promise<Heard> {
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
  const channel =
    response.headers.get('content-type') === 'application/json; charset=utf-8' ? 'error' : 'answer'
  return { status: response.status, channel, json: (await response.json()) as Record<string, unknown> }
}

export const callAdmin = (
  url: string,
  credentials: Credentials,
  apiName: string,
  request: object,
  more: SdkOptions = {},
): Promise<Heard> => send(prepare(url, credentials, sdkParts(apiName, JSON.stringify(request), more)))
