/** The host's own door: who may call, and what a malformed call hears. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OpenHost, openHost } from '../support/hosted-functions.ts'
import { rawRequest } from '../support/raw-request.ts'

let host: OpenHost
beforeAll(async () => {
  host = await openHost({ 'tea/index.js': 'exports.main = () => 1' })
})
afterAll(() => host.close())

const call = JSON.stringify({
  function_name: 'tea',
  event: {},
  caller: { source: 'wx_client', env_id: 'prod-1a2b' },
})
const right = () => ({
  host: new URL(host.url).host,
  'content-type': 'application/json',
  authorization: `Bearer ${host.token}`,
})

async function knock(
  headers: Record<string, string | undefined>,
  body: string | Uint8Array = call,
  path = '/invoke',
) {
  const given = Object.entries({ ...right(), ...headers }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  const answer = await rawRequest(host.url, { path, headers: Object.fromEntries(given), body })
  if (answer === 'broken') throw new Error('it hung up')
  return { status: answer.status, json: JSON.parse(answer.text) }
}

test('the server is let in, by address or as localhost', async () => {
  expect(await knock({})).toEqual({ status: 200, json: { result: 1 } })
  expect(await knock({ host: 'localhost:1' })).toMatchObject({ status: 200 })
})

test.each([
  ['no token', { authorization: undefined }, 401],
  ['a wrong token', { authorization: 'Bearer 0' }, 401],
  ['a name that could lead anywhere', { host: 'evil.example' }, 403],
  ["a page's request", { origin: 'http://127.0.0.1:8688' }, 403],
  ['a form', { 'content-type': 'text/plain' }, 400],
])('%s is turned away', async (_what, headers, status) => {
  expect(await knock(headers)).toEqual({
    status,
    json: { error: { message: expect.stringMatching(/\p{Script=Han}.* \/ /u) } },
  })
})

test.each([
  ['no JSON', '{', 400],
  ['broken UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 400],
  ['no object', '[]', 400],
  ['an event that is a list', call.replace('{}', '[]'), 400],
  ['an unknown source', call.replace('wx_client', 'wx_other'), 400],
  ['a field too many', call.replace('{', '{"more":1,'), 400],
  ['more than an event may have', call.replace('{}', `{"a":"${'a'.repeat(6_400_000)}"}`), 413],
])('%s: malformed', async (_what, body, status) => {
  expect(await knock({}, body)).toMatchObject({ status })
})

test('there is nothing else', async () => {
  expect(await knock({}, call, '/')).toMatchObject({ status: 404 })
})
