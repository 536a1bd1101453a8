/**
 * A port of this machine whose connections go on to the server, byte for byte: what arrives by TLS is decrypted first.
 * Owns listening, the pipes and their end; reads nothing of what passes.
 */
import { once } from 'node:events'
import { connect, createServer, isIP, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls'
import type { Certificates } from './certificates.ts'

export interface Entry {
  readonly port: number
  /** Ends every connection too. */
  close(): Promise<void>
}

/** Entries are for this machine alone. */
export const loopback = '127.0.0.1'
/** A server that is asked for by a name of WeChat's speaks what those speak. */
const ALPNProtocols = ['http/1.1']

/** Where a socket of the server at `origin` is. */
export function addressOf(origin: string): { host: string; port: number } {
  const { protocol, hostname, port } = new URL(origin)
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  }
}

function connectTo(origin: string): { server: Socket; ready: string } {
  const address = { ...addressOf(origin), allowHalfOpen: true }
  if (!origin.startsWith('https:')) return { server: connect(address), ready: 'connect' }
  const servername = isIP(address.host) === 0 ? address.host : ''
  return { server: tlsConnect({ ...address, servername, ALPNProtocols }), ready: 'secureConnect' }
}

/** A connection that only breaks off would tell nobody why. */
function unreachable(origin: string): string {
  const text = `cloudpay: 连不上 ${origin}，请先启动服务（cloudpay start）/ cannot reach ${origin}: start the server (cloudpay start)\n`
  return [
    'HTTP/1.1 502 Bad Gateway',
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
    '',
    text,
  ].join('\r\n')
}

/** Whichever side fails, it closes, and that is what the other one hears; there is nobody else to tell. */
const ignore = () => {}

function handOn(client: Socket, origin: string): void {
  const { server, ready } = connectTo(origin)
  client.setNoDelay(true)
  server.setNoDelay(true)
  client.on('error', ignore)
  client.once('close', () => server.destroy())
  const refuse = () => {
    // Unread bytes would turn the end into a reset, and the answer would be lost.
    client.resume()
    client.end(unreachable(origin))
  }
  server.once('error', refuse)
  server.once(ready, () => {
    server.off('error', refuse)
    server.on('error', ignore)
    // What came before a failure still arrives.
    server.once('close', () => client.destroySoon())
    client.pipe(server)
    server.pipe(client)
  })
}

async function listen(listener: Server, port: number, event: string, origin: string): Promise<Entry> {
  const sockets = new Set<Socket>()
  listener.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  listener.on(event, (client: Socket) => handOn(client, origin))
  listener.listen(port, loopback)
  await once(listener, 'listening')
  // A connection that could not be taken, such as for want of file handles, is lost; the next one may do.
  listener.on('error', ignore)
  const address = listener.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      const closed = once(listener, 'close')
      listener.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/**
 * @param port 0: the system chooses
 * @param origin the server, as `serverOrigin` gives it
 * @throws what `listen` fails with, such as EADDRINUSE or EACCES
 */
export const openPlainEntry = (port: number, origin: string): Promise<Entry> =>
  listen(createServer({ allowHalfOpen: true }), port, 'connection', origin)

/** The same behind TLS: the program sees a server of those names, ours sees its request. */
export function openTlsEntry(port: number, origin: string, certificates: Certificates): Promise<Entry> {
  const { certificate, privateKey } = certificates
  const listener = createTlsServer({ cert: certificate, key: privateKey, ALPNProtocols, allowHalfOpen: true })
  return listen(listener, port, 'secureConnection', origin)
}
