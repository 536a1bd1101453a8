/** `cloudpay run --container` as a process: what the server hears of a container, and when. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { away } from '../../test/support/command.ts'
import { programsIn } from '../../test/support/led-program.ts'
import { bodyOf, listeningServer } from '../../test/support/listening-server.ts'
import { type HostSaying, hostSayingSchema } from '../protocol/function-host.ts'

const folder = mkdtempSync(join(tmpdir(), 'cloudpay-containers-'))
const programs = programsIn(folder)
beforeAll(ensureBuilt)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('containers are said before the command starts, and gone after it', async () => {
  const sayings: HostSaying[] = []
  const order: string[] = []
  const server = await listeningServer(async (request, response) => {
    const body = (await bodyOf(request)).toString()
    if (request.url === '/sandbox/hosts') {
      const saying = hostSayingSchema.parse(JSON.parse(body))
      sayings.push(saying)
      order.push(`${saying.gone ? 'gone' : 'here'} ${saying.names} ${request.headers.authorization}`)
    } else if (request.url?.startsWith('/_/pay/')) order.push(body)
    response.end('{}')
  })
  const flags = ['--container', 'pay=http://127.0.0.1:8080', '--container', 'tea=https://tea.example/']
  const ended = await programs.run(
    `await post('http://api.weixin.qq.com/_/pay/unifiedorder', {}, 'the command')`,
    server.url,
    { flags: [...flags, '--env-id', 'tea-shop'], variables: { CLOUDPAY_ADMIN_TOKEN: 'an-admin-token-1' } },
  )
  await server.close()
  expect(ended).toEqual({ code: 0, out: '', err: '' })
  const [first, second, ...rest] = sayings
  expect([first, second]).toMatchObject([
    { env_id: 'tea-shop', kind: 'container', names: ['pay'], url: 'http://127.0.0.1:8080' },
    { env_id: 'tea-shop', kind: 'container', names: ['tea'], url: 'https://tea.example' },
  ])
  expect(first?.host_id).not.toBe(second?.host_id)
  expect(rest.map(({ host_id }) => host_id).sort()).toEqual([first?.host_id, second?.host_id].sort())
  expect(order.map((word) => word.replace('Bearer an-admin-token-1', 'with token'))).toEqual([
    expect.stringMatching(/^here (pay|tea) with token$/),
    expect.stringMatching(/^here (pay|tea) with token$/),
    'the command',
    expect.stringMatching(/^gone (pay|tea) with token$/),
    expect.stringMatching(/^gone (pay|tea) with token$/),
  ])
})

test('a server that is away is warned about, and the command runs', async () => {
  const [, url = ''] = away
  const flags = ['--container', 'pay=http://127.0.0.1:8080']
  const { code, out, err } = await programs.run(`print('ran')`, url, { flags })
  expect({ code, out }).toEqual({ code: 0, out: 'ran\n' })
  expect(err).toMatch(/cannot reach http:\/\/127\.0\.0\.1:9, no calls arrive/)
})
