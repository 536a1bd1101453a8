/** One HTTP request exactly as told: `fetch` allows neither another's Host nor a framing of one's own. */
import { type IncomingHttpHeaders, request } from 'node:http'

export interface Raw {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** Without Content-Length, as the SDK sends. */
  readonly chunked?: boolean
}

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** @returns `broken` when the server hung up before it answered */
export const rawRequest = (
  url: string,
  { method = 'POST', path, headers = {}, body = '', chunked = false }: Raw,
): Promise<RawAnswer | 'broken'> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const bytes = Buffer.from(body)
    const length = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(bytes.length) }
    const sent = request(
      { hostname, port, path, method, agent: false, headers: { ...length, ...headers } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', () => resolve('broken'))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        )
      },
    )
    sent.on('error', () => resolve('broken'))
    sent.end(bytes)
  })
