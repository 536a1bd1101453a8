/**
 * Stands between the ledger and its PostgreSQL, over TCP, and does what networks do: cuts connections, swallows
 * everything, or loses exactly the answer to one statement. Reads just enough of the protocol to know where a
 * statement is, and when the server is done with it.
 */
import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import type { PostgresServer } from './postgres.ts'

export interface PostgresProxy {
  /** The same database as `direct` names, through here. */
  through(direct: string): string
  /** Cuts every connection, now. */
  cut(): void
  /** Cuts the connection that next sends a statement with this text, before the server sees it. */
  cutBefore(text: string): Promise<void>
  /**
   * The next statement with this text reaches the server; when that has done it, the connection is cut instead of
   * saying so. @returns when that has happened
   */
  loseAnswerTo(text: string): Promise<void>
  /** Lies in wait for nothing any more. */
  disarm(): void
  /** From now on nothing comes through, either way, and nobody says so. */
  swallow(): void
  /** Comes through again, with what was held up. */
  deliver(): void
  close(): Promise<void>
}

interface Trap {
  readonly text: string
  readonly kind: 'cut-before' | 'lose-answer'
  sprung(): void
}

export async function openProxy(server: PostgresServer): Promise<PostgresProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let traps: Trap[] = []
  let swallowing = false

  const listener = createServer({ allowHalfOpen: false }, (client) => {
    const upstream =
      'path' in server.address ? dial(server.address.path) : dial(server.address.port, '127.0.0.1')
    const pair = [client, upstream] as const
    pairs.add(pair)
    const cutPair = () => {
      pairs.delete(pair)
      client.destroy()
      upstream.destroy()
    }
    /** The trap whose answer is being kept back. */
    let losing: Trap | undefined
    let answered = Buffer.alloc(0)
    client.on('data', (chunk) => {
      const trap = traps.find(({ text }) => chunk.includes(text))
      if (trap !== undefined) traps = traps.filter((other) => other !== trap)
      if (trap?.kind === 'cut-before') {
        cutPair()
        trap.sprung()
        return
      }
      losing ??= trap
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (losing === undefined) {
        client.write(chunk)
        return
      }
      answered = Buffer.concat([answered, chunk])
      if (!endsReady(answered)) return
      cutPair()
      losing.sprung()
    })
    for (const socket of pair) {
      socket.on('error', cutPair)
      socket.on('close', cutPair)
      if (swallowing) socket.pause()
    }
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port')

  const set = (kind: Trap['kind'], text: string) =>
    new Promise<void>((sprung) => {
      traps.push({ kind, text, sprung })
    })
  const cut = () => {
    for (const [client, upstream] of pairs) {
      client.destroy()
      upstream.destroy()
    }
  }
  return {
    through(direct) {
      const url = new URL(direct)
      url.host = `127.0.0.1:${address.port}`
      return url.href
    },
    cut,
    cutBefore: (text) => set('cut-before', text),
    loseAnswerTo: (text) => set('lose-answer', text),
    disarm() {
      traps = []
    },
    swallow() {
      swallowing = true
      for (const socket of [...pairs].flat()) socket.pause()
    },
    deliver() {
      swallowing = false
      for (const socket of [...pairs].flat()) socket.resume()
    },
    async close() {
      cut()
      listener.close()
      await once(listener, 'close')
    },
  }
}

/** Whether the last message is ReadyForQuery: the server is done, and a single statement is committed. */
const endsReady = (bytes: Buffer) =>
  bytes.length >= 6 && bytes.subarray(-6, -1).equals(Buffer.from('Z\0\0\0\x05', 'latin1'))
