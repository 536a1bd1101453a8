/** A host that says whom it serves, and a server that hears, refuses, or is away. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bodyOf, type ListeningServer, listeningServer } from '../../test/support/listening-server.ts'
import { hostSayingSchema } from '../protocol/function-host.ts'
import { keepSaying } from './host-saying.ts'

const host = {
  env_id: 'tea-shop',
  host_id: 'host-0001',
  kind: 'container',
  url: 'http://127.0.0.1:8080',
} as const

let server: ListeningServer
/** What it heard, oldest first. */
let heard: { path: string; authorization: string | undefined; names: string; gone: boolean }[]
/** What it answers from now on. */
let answer: { status: number; body?: unknown }
/** Called with each word. */
let onWord: () => void

beforeEach(async () => {
  heard = []
  answer = { status: 200 }
  onWord = () => {}
  server = await listeningServer(async (request, response) => {
    const saying = hostSayingSchema.parse(JSON.parse((await bodyOf(request)).toString()))
    const { authorization } = request.headers
    heard.push({
      path: `${request.method} ${request.url}`,
      authorization,
      names: saying.names.join(),
      gone: saying.gone === true,
    })
    response.statusCode = answer.status
    response.end(JSON.stringify(answer.body ?? {}))
    onWord()
  })
})
afterEach(() => server.close())

const unexpected = ({ en }: { en: string }) => expect.fail(en)

const untilHeard = (count: number) =>
  new Promise<void>((resolve) => {
    onWord = () => {
      if (heard.length >= count) resolve()
    }
    onWord()
  })

test('names are said at once, again and again, and at the end that the host is gone', async () => {
  const { url: origin } = server
  const saying = keepSaying({ origin, adminToken: 'token' }, host, { onTrouble: unexpected, everyMs: 5 })
  await saying.say(['pay'])
  expect(heard).toEqual([
    { path: 'POST /sandbox/hosts', authorization: 'Bearer token', names: 'pay', gone: false },
  ])
  await untilHeard(3)
  await saying.say(['pay', 'tea'])
  expect(heard.at(-1)).toMatchObject({ names: 'pay,tea', gone: false })
  await saying.stop()
  expect(heard.at(-1)).toMatchObject({ names: 'pay,tea', gone: true })
  expect(heard.filter(({ gone }) => gone)).toHaveLength(1)
})

test('a server without a token is shown none, and a host that never spoke says no last word', async () => {
  const { url: origin } = server
  const saying = keepSaying({ origin }, host, { onTrouble: unexpected })
  await saying.stop()
  expect(heard).toEqual([])
  await saying.say(['pay'])
  expect(heard).toMatchObject([{ authorization: undefined }])
  await saying.stop()
})

test('trouble is told once while it lasts, in the server’s own words, and again when it comes back', async () => {
  const troubles: string[] = []
  const onTrouble = ({ zh, en }: { zh: string; en: string }) => troubles.push(`${zh} / ${en}`)
  const saying = keepSaying({ origin: server.url }, host, { onTrouble })
  for (const status of [401, 401, 200, 500, 503]) {
    answer = { status, body: { error: { message: `refused with ${status}` } } }
    await saying.say(['pay'])
  }
  expect(troubles).toEqual([
    expect.stringMatching(/pay.*HTTP 401 refused with 401.*登记|登记.*HTTP 401 refused with 401/),
    expect.stringContaining('HTTP 500 refused with 500'),
  ])
  await saying.stop()
  expect(troubles).toHaveLength(2)
})

test('a server that is away is told of, and does not keep the host from stopping', async () => {
  const troubles: string[] = []
  const saying = keepSaying({ origin: 'http://127.0.0.1:9' }, host, {
    onTrouble: ({ zh, en }) => troubles.push(zh, en),
  })
  await saying.say(['pay'])
  await saying.stop()
  expect(troubles).toEqual([expect.stringContaining('连不上'), expect.stringContaining('cannot reach')])
})
