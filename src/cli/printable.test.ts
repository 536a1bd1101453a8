/** What a server that is somebody else's, or stands behind somebody else's, says: nothing of it moves a cursor. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { here } from '../../test/support/command-here.ts'
import { type ListeningServer, listeningServer } from '../../test/support/listening-server.ts'

const now = '2026-12-01T09:00:00+08:00'
/** Clears the screen, renames the window, turns what follows. */
const nasty = '\u001b[2J\u001b]0;tea\u0007\u202e\r\u009b1A'
const text = { zh: `甲${nasty}`, en: `A${nasty}` }
const clock = {
  env_id: 'tea',
  now,
  mode: 'frozen',
  next_due: now,
  next: { at: now, what: 'close', sub_mch_id: '19', out_trade_no: `TEA${nasty}` },
}
const proof = {
  env_id: `tea${nasty}`,
  sub_mch_id: '19',
  out_trade_no: 'TEA-1',
  state: 'NOTPAY',
  taken_at: now,
  safe: false,
  reason: { code: 'x', ...text },
  advice: text,
  evidence: { holds: 'payable', ...text },
  close: { allowed: true },
  next: [{ what: 'close', at: now, due: true, ...text }],
}
const faults = {
  env_id: 'tea',
  on: [],
  menu: [
    { fault: 'slow', strikes: 'call', does: 'x', report: 'x', texts: { does: text, report: text } },
  ].flatMap((entry) => [entry, { ...entry, fault: `rain${nasty}` }]),
}
/** Of a fault that was switched on. */
const id = `1${nasty}; ls`
const error = { code: 'INVALID', message: `no${nasty}`, id: 'a' }

let server: ListeningServer
beforeAll(async () => {
  server = await listeningServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://x')
    const answers: Readonly<Record<string, object>> = {
      'GET /api/orders/TEA-1/proof': proof,
      'GET /sandbox/clock': clock,
      'GET /sandbox/faults': faults,
      'POST /sandbox/faults': { switched_on: { id, fault: 'slow' } },
    }
    const answer = answers[`${request.method} ${pathname}`]
    response
      .writeHead(answer === undefined ? 400 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer ?? { error }))
  })
})
afterAll(() => server.close())

test.each([
  [['prove', 'TEA-1'], 3, 'A\ufffd[2J'],
  [['clock', 'show'], 0, 'order TEA\ufffd[2J'],
  [['orders', 'list'], 1, 'refused: no\ufffd[2J'],
  [['faults', 'on', 'slow'], 0, 'id 1\ufffd[2J'],
  [['faults', 'on', 'snow'], 1, 'one of slow, rain\ufffd[2J'],
  [['close', 'TEA-1'], 1, 'refused: no\ufffd[2J'],
  [['env', 'show'], 1, 'refused: no\ufffd[2J'],
])('%j', async (args, code, words) => {
  for (const language of ['en', 'zh'] as const) {
    const ended = await here([...args, '--url', server.url], language)
    expect(ended.code, ended.err).toBe(code)
    const said = ended.out + ended.err
    if (language === 'en') expect(said).toContain(words)
    expect(said.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
  }
})

test('what is printed to be copied runs nothing of theirs', async () => {
  const { out } = await here(['faults', 'on', 'slow', '--url', server.url])
  expect(out).toMatch(/faults off '1[^']*; ls' --url /)
})

test('--json is JSON in which nothing moves a cursor, and says the same', async () => {
  const { out } = await here(['clock', 'show', '--json', '--url', server.url])
  expect(out.trimEnd()).not.toMatch(/\p{Cc}/u)
  expect(out).toContain('\\u009b1A')
  expect(JSON.parse(out)).toMatchObject({ next: { out_trade_no: `TEA${nasty}` } })
})
