import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHttp } from './http.ts'

const http = openHttp({ wallClock: () => new Date(0), randomBytes: (size) => new Uint8Array(size) }, [])
let port = 0
beforeAll(async () => {
  http.post('/', async () => ({}))
  port = Number(new URL(await http.listen({ port: 0 })).port)
})
afterAll(() => http.close())

/** All that it says until it hangs up. */
function heardBy(sent: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(sent)
  return text(socket)
}

test('a call that did not come whole in its time hears nothing: no text that would pass for an answer', async () => {
  const { headersTimeout, requestTimeout } = http.server
  Object.assign(http.server, { headersTimeout: 1, requestTimeout: 1 })
  const halves = [
    'POST / HTTP/1.1\r\nHost: a\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{',
  ]
  expect(await Promise.all(halves.map(heardBy))).toEqual(['', ''])
  Object.assign(http.server, { headersTimeout, requestTimeout })
})

test('what is no HTTP is refused without a word', async () => {
  const refused = /^HTTP\/1\.1 (400|431) [\w ]+\r\nContent-Length: 0\r\nConnection: close\r\n\r\n$/
  expect(await heardBy('EHLO\r\n\r\n')).toMatch(refused)
  expect(await heardBy(`GET / HTTP/1.1\r\nHost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(refused)
})
