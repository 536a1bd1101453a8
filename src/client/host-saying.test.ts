import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { type HostSaying, hostSayingSchema } from '../protocol/function-host.ts'
import { type Heard, type HostSayings, keepSaying } from './host-saying.ts'

const says: HostSaying = {
  host_id: 'host1',
  kind: 'functions',
  url: 'http://127.0.0.1:5000',
  token: 'secret',
  names: ['pay'],
}

async function openServer(port: number, status: number, text: string) {
  const sayings: unknown[] = []
  const authorizations: unknown[] = []
  const server = createServer(async (request, response) => {
    sayings.push(JSON.parse(Buffer.concat(await request.toArray()).toString()))
    authorizations.push(request.headers.authorization)
    expect([request.method, request.url]).toEqual(['POST', '/sandbox/hosts'])
    response.writeHead(status).end(text)
    server.emit('saying')
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  const heard = async (count: number) => {
    while (sayings.length < count) await once(server, 'saying')
  }
  return { server, sayings, authorizations, heard, port: portOf(server) }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it has no port')
  return address.port
}

const close = async (server: Server) => {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

let sayings: HostSayings
afterEach(() => sayings.gone())

const start = (
  port: number,
  more: { saying?: () => HostSaying; adminToken?: string; everyMs?: number } = {},
) => {
  const heard: Heard[] = []
  let wake = () => {}
  sayings = keepSaying({
    origin: `http://127.0.0.1:${port}`,
    saying: () => says,
    everyMs: 10,
    ...more,
    changed(one) {
      heard.push(one)
      wake()
    },
  })
  void sayings.say()
  return {
    heard,
    async changes(count: number) {
      while (heard.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    },
  }
}

test('a host says again and again that it is there, in a form that the server takes, and hears of it once', async () => {
  const server = await openServer(0, 200, '{}')
  const { heard } = start(server.port)
  await server.heard(3)
  await sayings.gone()
  await close(server.server)
  expect(server.sayings.slice(0, 3)).toEqual([says, says, says])
  expect(server.sayings.at(-1)).toEqual({ ...says, gone: true })
  for (const said of server.sayings) expect(() => hostSayingSchema.parse(said)).not.toThrow()
  expect(heard).toEqual([{ state: 'told' }])
  expect(server.authorizations[0]).toBeUndefined()
})

test('what changes is said at once, and not before what was said before', async () => {
  const server = await openServer(0, 200, '{}')
  let names = ['pay']
  start(server.port, { saying: () => ({ ...says, names }), everyMs: 3_600_000 })
  await server.heard(1)
  names = ['pay', 'callback']
  await sayings.say()

  expect(server.sayings).toMatchObject([{ names: ['pay'] }, { names: ['pay', 'callback'] }])
  await sayings.gone()
  await close(server.server)
})

test("the administrator's token goes along", async () => {
  const server = await openServer(0, 200, '{}')
  start(server.port, { adminToken: 'admin-token' })
  await server.heard(1)
  expect(server.authorizations[0]).toBe('Bearer admin-token')
  await sayings.gone()
  await close(server.server)
})

test('a server that goes away is heard of once, tried on, and told when it is back', async () => {
  const first = await openServer(0, 200, '{}')
  const { heard, changes } = start(first.port)
  await first.heard(1)
  await close(first.server)
  await changes(2)
  const second = await openServer(first.port, 200, '{}')
  await changes(3)
  expect(heard).toEqual([{ state: 'told' }, { state: 'away' }, { state: 'told' }])
  await sayings.gone()
  await close(second.server)
})

test.each([
  ['{"error":{"code":"INVALID","message":"名称有误"}}', '名称有误'],
  ['<html>another program</html>', '<html>another program</html>'],
  ['', ''],
])('a server that refuses, answering %j, is quoted', async (text, why) => {
  const server = await openServer(0, 404, text)
  const { heard, changes } = start(server.port)
  await changes(1)
  expect(heard).toEqual([{ state: 'refused', status: 404, why }])
  await sayings.gone()
  await close(server.server)
})

test('nobody there: a host that stops does not wait for a server', async () => {
  const server = await openServer(0, 200, '{}')
  await close(server.server)
  const { heard, changes } = start(server.port)
  await changes(1)
  await sayings.gone()
  expect(heard).toEqual([{ state: 'away' }])
})
