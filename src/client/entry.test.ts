/** Connections that are handed on: what their ends hear when the other one is slow, silent, gone or never there. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { addressOf, type Entry, openPlainEntry } from './entry.ts'

const open: (Server | Entry)[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

/** An entry to a server that treats each connection so. @returns the entry's port */
async function entryTo(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    serve(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const entry = await openPlainEntry(0, `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
  open.push(entry, server)
  return entry.port
}

function withResolvers<Value>() {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

const textOf = async (socket: Socket) => Buffer.concat(await socket.toArray()).toString()

test.each([
  ['http://127.0.0.1:8688', '127.0.0.1', 8688],
  ['http://[::1]:8688', '::1', 8688],
  ['http://pay.example', 'pay.example', 80],
  ['https://pay.example', 'pay.example', 443],
])('the server at %s is at %s, port %i', (origin, host, port) => {
  expect(addressOf(origin)).toEqual({ host, port })
})

test('a client that has said all it will still hears the answer', async () => {
  const port = await entryTo((socket) => {
    let asked = ''
    socket.on('data', (bytes) => {
      asked += bytes
    })
    socket.once('end', () => socket.end(`heard ${asked}`))
  })
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).end('everything')
  expect(await textOf(client)).toBe('heard everything')
})

test('an answer arrives whole though the server has gone before it was read', async () => {
  // Small enough for the system to take it all unread.
  const answer = 'tea '.repeat(100_000)
  const { promise: gone, resolve: go } = withResolvers<void>()
  const port = await entryTo((socket) => {
    socket.end(answer, () => {
      socket.destroy()
      go()
    })
  })
  const client = connect(port, '127.0.0.1').pause()
  await gone
  expect(await textOf(client)).toBe(answer)
})

test('a client that breaks off ends the connection to the server', async () => {
  const { promise: ended, resolve: heard } = withResolvers<string>()
  const port = await entryTo((socket) => {
    socket.resume().once('end', () => heard('ended'))
    socket.write('welcome')
  })
  const client = connect(port, '127.0.0.1')
  await once(client, 'data')
  client.resetAndDestroy()
  expect(await ended).toBe('ended')
})

test('a server that breaks off ends the connection of the client', async () => {
  const port = await entryTo((socket) => socket.once('data', () => socket.resetAndDestroy()))
  const client = connect(port, '127.0.0.1')
  client.write('hello')
  client.resume()
  await once(client, 'close')
  expect(client.destroyed).toBe(true)
})

test('where no server is, the answer says so in both languages', async () => {
  const entry = await openPlainEntry(0, 'http://127.0.0.1:9')
  open.push(entry)
  const client = connect(entry.port, '127.0.0.1')
  client.write(`POST / HTTP/1.1\r\nhost: api.mch.weixin.qq.com\r\ncontent-length: 2000000\r\n\r\n`)
  client.write(Buffer.alloc(2_000_000))
  const answer = await textOf(client)
  expect(answer).toMatch(/^HTTP\/1\.1 502 /)
  expect(answer).toMatch(/连不上 http:\/\/127\.0\.0\.1:9.*cannot reach http:\/\/127\.0\.0\.1:9/)
})

test('a closed entry ends its connections and leaves its port', async () => {
  const port = await entryTo((socket) => socket.write('welcome'))
  const client = connect(port, '127.0.0.1')
  await once(client, 'data')
  await open.shift()?.close()
  await once(client, 'close')
  const again = createServer().listen(port, '127.0.0.1')
  await once(again, 'listening')
  open.push(again)
})
