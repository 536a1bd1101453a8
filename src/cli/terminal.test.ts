/** What a person at a terminal sees and answers, and what is kept from everybody else. */
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { openTerminal } from './terminal.ts'

function terminalOf(isTTY: boolean) {
  const stream = () => Object.assign(new PassThrough(), { isTTY })
  const streams = { in: stream(), out: stream(), err: stream() }
  const heard = { out: '', err: '' }
  streams.out.on('data', (bytes: Buffer) => {
    heard.out += bytes.toString()
  })
  streams.err.on('data', (bytes: Buffer) => {
    heard.err += bytes.toString()
  })
  return {
    terminal: openTerminal(streams, 'en'),
    type: (text: string) => streams.in.write(text),
    in: streams.in,
    heard,
  }
}

test.each([
  ['y\n', true],
  ['YES\n', true],
  ['是\n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
])('%j to a question', async (answer, said) => {
  const { terminal, type } = terminalOf(true)
  const asked = terminal.confirm('Close them?')
  type(answer)
  expect(await asked).toBe(said)
})

test('who hangs up, or presses Ctrl+C, has said no', async () => {
  const gone = terminalOf(true)
  const asked = gone.terminal.confirm('Close them?')
  gone.in.end()
  expect(await asked).toBe(false)
  expect(gone.heard.err).toContain('Close them? [y/N]')

  const pressed = terminalOf(true)
  const question = pressed.terminal.confirm('Close them?')
  pressed.type('\u0003')
  expect(await question).toBe(false)
})

test('a bar goes to standard error, and only where somebody is watching', async () => {
  for (const [isTTY, seen] of [
    [true, true],
    [false, false],
  ] as const) {
    const { terminal, heard } = terminalOf(isTTY)
    const bar = await terminal.bar(2)
    bar?.advance()
    bar?.advance()
    bar?.stop()
    expect(heard.err.includes('2/2')).toBe(seen)
    expect(heard.out).toBe('')
    expect(terminal.isInteractive).toBe(isTTY)
  }
})

test.each([
  [true, true, '\u001b[32mpaid\u001b[39m'],
  [true, false, 'paid'],
  [false, true, 'paid'],
] as const)('colours where a terminal (%s) shows them (%s)', (isTTY, colours, shown) => {
  const stream = () => Object.assign(new PassThrough(), { isTTY, hasColors: () => colours })
  const { paint } = openTerminal({ in: stream(), out: stream(), err: stream() }, 'en')
  expect(paint('green', 'paid')).toBe(shown)
})

test('it is said when nobody reads any more', async () => {
  const out = new PassThrough()
  const { unread } = openTerminal({ in: new PassThrough(), out, err: new PassThrough() }, 'en')
  out.destroy(new Error('EPIPE'))
  await unread
})
