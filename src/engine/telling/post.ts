/**
 * One POST to a callback target, within a time and a size: no redirects, no address that may not be called. Owns the
 * connections; knows nothing of notices.
 */
import { Agent, request } from 'undici'
import type { DeliveryFault } from '../../protocol/acknowledgement.ts'
import { allowedLookup, ForbiddenAddress, refuseWrittenAddress } from './addresses.ts'

/** Most that is read of an answer: an acknowledgement is a line. */
export const mostAnswerBytes = 64 * 1024

export interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** From the connection to the last byte of the answer. */
  readonly timeoutMs: number
  /** Of a host of functions, whose answers are longer. */
  readonly mostBytes?: number
}

export type Posted =
  | { readonly status: number; readonly answer: Buffer; readonly location?: string }
  /** `answer`: what had come of it by then. */
  | { readonly fault: DeliveryFault; readonly status?: number; readonly answer?: Buffer }

export interface Poster {
  post(asked: Post): Promise<Posted>
  /** Gives up what is under way. */
  close(): Promise<void>
}

const tooLarge = (bytes: number): DeliveryFault => ({
  code: 'too-large',
  text: { zh: `应答超过 ${bytes} 字节`, en: `the answer is longer than ${bytes} bytes` },
})

const tookTooLong = (ms: number): DeliveryFault => ({
  code: 'timeout',
  text: { zh: `${ms} 毫秒内没有完整的应答`, en: `no complete answer within ${ms} ms` },
})

const connection = (zh: string, en: string): DeliveryFault => ({ code: 'connection', text: { zh, en } })

const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return ''
  const code: unknown = Reflect.get(error, 'code')
  return typeof code === 'string' ? code : ''
}

const causes = (error: unknown): unknown[] => {
  if (error instanceof AggregateError) return [error, ...error.errors.flatMap(causes)]
  return error instanceof Error && error.cause !== undefined ? [error, ...causes(error.cause)] : [error]
}

/** What went wrong between here and there, in words. */
function faultOf(error: unknown, url: URL, timeoutMs: number): DeliveryFault {
  const all = causes(error)
  const forbidden = all.find((one) => one instanceof ForbiddenAddress)
  if (forbidden !== undefined) {
    return {
      code: 'forbidden',
      text: {
        zh: `不允许回调到 ${forbidden.address}（链路本地或保留地址）`,
        en: `callbacks to ${forbidden.address} are not allowed (link-local or reserved)`,
      },
    }
  }
  const codes = all.map(codeOf)
  const has = (...wanted: string[]) => codes.some((code) => wanted.includes(code))
  if (has('UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'))
    return tookTooLong(timeoutMs)
  if (has('ECONNREFUSED'))
    return connection(
      `连接被拒绝：${url.host} 没有程序在监听`,
      `connection refused: nobody listens at ${url.host}`,
    )
  if (has('ENOTFOUND', 'EAI_AGAIN'))
    return connection(`无法解析主机名 ${url.hostname}`, `the host name ${url.hostname} does not resolve`)
  if (has('ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'))
    return connection('对方中途断开了连接', 'the other side closed the connection')
  const message = error instanceof Error ? error.message : String(error)
  return connection(`连接失败：${message}`, `the connection failed: ${message}`)
}

/** @param chunks where it goes as it comes; @returns whether it was read to its end */
async function readAnswer(
  body: AsyncIterable<Buffer>,
  chunks: Buffer[],
  mostBytes: number,
): Promise<boolean> {
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size > mostBytes) return false
  }
  return true
}

/** Where a redirect leads: to be told, not to be followed. */
const locationOf = ({ location }: { readonly location?: string | string[] | undefined }) =>
  typeof location === 'string' ? { location } : {}

/** A connection that nobody accepts is given up by the system after minutes: it must not stay that long. */
const longestConnectMs = 10_000

/** Of a request whose connection is not made yet the signal is not heard: nobody waits for it any longer all the same. */
function within<T>(deadline: AbortSignal, asked: Promise<T>): Promise<T> {
  asked.catch(() => {})
  const late = new Promise<never>((_, reject) => {
    deadline.addEventListener('abort', () => reject(deadline.reason), { once: true })
  })
  return Promise.race([asked, late])
}

export function openPoster(): Poster {
  const agent = new Agent({
    // Whoever asked has given up by then: see `within`.
    connect: { lookup: allowedLookup, timeout: longestConnectMs },
    // A target that restarts must not be met on a connection of its former life.
    keepAliveTimeout: 1_000,
    keepAliveMaxTimeout: 5_000,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    async post({ url: address, headers, body, timeoutMs, mostBytes = mostAnswerBytes }) {
      const url = new URL(address)
      const deadline = AbortSignal.timeout(timeoutMs)
      let status: number | undefined
      const chunks: Buffer[] = []
      const ended = (fault: DeliveryFault): Posted =>
        status === undefined ? { fault } : { fault, status, answer: Buffer.concat(chunks) }
      try {
        refuseWrittenAddress(url)
        const asked = request(url, { method: 'POST', headers, body, dispatcher: agent, signal: deadline })
        const answer = await within(deadline, asked)
        status = answer.statusCode
        const isWhole = await readAnswer(answer.body, chunks, mostBytes)
        if (!isWhole) return ended(tooLarge(mostBytes))
        return { status, answer: Buffer.concat(chunks), ...locationOf(answer.headers) }
      } catch (error) {
        return ended(deadline.aborted ? tookTooLong(timeoutMs) : faultOf(error, url, timeoutMs))
      }
    },
    close: () => agent.destroy(),
  }
}
