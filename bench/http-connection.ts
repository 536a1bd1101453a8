/**
 * One kept connection, one call at a time. Sends bytes that were made ready and reads one answer: a client that takes
 * little of the machine that it shares with what it measures. Knows as much HTTP as our server's answers need.
 */
import { connect, type Socket } from 'node:net'

/** The SDK's own limit. */
const callTimeoutMs = 15_000
const headEnd = Buffer.from('\r\n\r\n')

export interface HttpConnection {
  /** @returns the body of the answer; @throws Error there is none, or it is not HTTP 200 */
  ask(request: Buffer): Promise<string>
  end(): void
}

/** @returns undefined while it has not come whole */
function answerIn(bytes: Buffer): { status: number; body: string } | undefined {
  const end = bytes.indexOf(headEnd)
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`an answer without a length: ${head}`)
  const from = end + headEnd.length
  if (bytes.length < from + Number(length)) return undefined
  return { status: Number(head.slice(9, 12)), body: bytes.toString('utf8', from, from + Number(length)) }
}

interface Waiting {
  readonly resolve: (body: string) => void
  readonly reject: (error: Error) => void
}

/** @param url of the server; connects with the first call, and again when the server hung up */
export function httpConnection(url: string): HttpConnection {
  const { hostname, port } = new URL(url)
  let socket: Socket | undefined
  let waiting: Waiting | undefined
  let heard: Buffer = Buffer.alloc(0)

  const lose = (error: Error) => {
    socket?.destroy()
    socket = undefined
    waiting?.reject(error)
    waiting = undefined
  }
  const hear = (chunk: Buffer) => {
    heard = heard.length === 0 ? chunk : Buffer.concat([heard, chunk])
    try {
      const answer = answerIn(heard)
      if (answer === undefined) return
      if (answer.status !== 200) throw new Error(`HTTP ${answer.status}: ${answer.body.slice(0, 200)}`)
      const { resolve } = waiting ?? { resolve: () => {} }
      waiting = undefined
      resolve(answer.body)
    } catch (error) {
      lose(error instanceof Error ? error : new Error(String(error)))
    }
  }
  const open = () => {
    const made = connect({ host: hostname, port: Number(port), noDelay: true })
    made.setTimeout(callTimeoutMs, () => {
      if (waiting !== undefined) lose(new Error(`no answer within ${callTimeoutMs} ms`))
    })
    made.on('data', hear)
    made.on('error', lose)
    made.on('close', () => {
      if (socket === made) lose(new Error('the server hung up'))
    })
    return made
  }
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        socket ??= open()
        heard = Buffer.alloc(0)
        waiting = { resolve, reject }
        socket.write(request)
      }),
    end: () => socket?.destroy(),
  }
}

/** As many connections as there ever are callers, each made when its caller first calls. */
export function httpConnections(url: string) {
  const connections: HttpConnection[] = []
  return {
    ask(caller: number, request: Buffer): Promise<string> {
      connections[caller] ??= httpConnection(url)
      return connections[caller].ask(request)
    },
    end() {
      for (const connection of connections) connection?.end()
    },
  }
}
