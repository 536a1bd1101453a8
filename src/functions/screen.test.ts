import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Language } from '../protocol/text.ts'
import { openScreen } from './screen.ts'

function collector() {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  return { stream, text: () => text }
}

function open(colours: boolean, language: Language = 'en') {
  const [out, err] = [collector(), collector()]
  return { out, err, screen: openScreen({ out: out.stream, err: err.stream, language, colours }) }
}

/** Shows these bytes as a function's output. @returns what was shown */
async function shown(...chunks: (string | Buffer)[]): Promise<string> {
  const { out, screen } = open(false)
  const stream = new PassThrough()
  screen.follow('tea', stream, 'out')
  for (const chunk of chunks) {
    stream.write(chunk)
    await setImmediate()
  }
  stream.end()
  await once(stream, 'close')
  await expect.poll(out.text).not.toBe('')
  return out.text()
}

test('lines are lines however they arrive, and the last needs no end', async () => {
  expect(await shown('one\ntw', 'o\r\n\nthree')).toBe('[tea] one\n[tea] two\n[tea] \n[tea] three\n')
})

test('a character cut in two is whole again', async () => {
  const bytes = Buffer.from('茶\n')
  expect(await shown(bytes.subarray(0, 1), bytes.subarray(1))).toBe('[tea] 茶\n')
})

test('a line without an end does not fill the memory', async () => {
  const text = await shown('x'.repeat(200_000), 'y\n')
  expect(text.split('\n').length).toBeGreaterThan(2)
  expect(text.replaceAll(/\[tea\] |\n/g, '')).toBe(`${'x'.repeat(200_000)}y`)
})

test('a call is a line: name, source, time, outcome', () => {
  const { out, err, screen } = open(false)
  screen.call('pay', 'wx_client', { ranMs: 12.4, waitedMs: 2 }, { json: '{"errcode":0}' })
  screen.call('pay', 'scf', { ranMs: 3, waitedMs: 1_500 }, { json: JSON.stringify('x'.repeat(1_000)) })
  const never = { ranMs: undefined, waitedMs: 0 }
  screen.call('pay', 'scf', never, { failed: { why: 'busy', message: 'too many' } })
  screen.call(
    'pay',
    'wx_client',
    { ranMs: 3, waitedMs: 0 },
    {
      failed: { why: 'threw', message: 'Error: no', stack: 'Error: no\n    at pay' },
    },
  )
  expect(out.text()).toBe(
    `[pay] ok wx_client 12 ms {"errcode":0}\n[pay] ok scf 3 ms (waited 1500 ms) "${'x'.repeat(199)}…\n`,
  )
  expect(err.text()).toBe(
    '[pay] busy scf too many\n[pay] threw wx_client 3 ms Error: no\n[pay] Error: no\n[pay]     at pay\n',
  )
})

test('a callback that was not acknowledged is no success, and is told what to return', () => {
  const { out, err, screen } = open(false)
  const time = { ranMs: 2, waitedMs: 0 }
  screen.call('told', 'wx_paycallback', time, { json: '{"errcode":0,"errmsg":"ok"}' })
  screen.call('told', 'wx_paycallback', time, { json: '{"code":0}' })
  screen.call('told', 'wx_paycallback', time, { json: 'null' })
  expect(out.text()).toBe('[told] ok wx_paycallback 2 ms {"errcode":0,"errmsg":"ok"}\n')
  const required = 'a number errcode: 0 is required, as in {"errcode": 0, "errmsg": "ok"}'
  expect(err.text()).toBe(
    `[told] not-acknowledged wx_paycallback 2 ms answered {"code":0}; ${required}\n` +
      `[told] not-acknowledged wx_paycallback 2 ms the function returned nothing; ${required}\n`,
  )
})

test('a terminal sees each name in its colour, and failures in red', () => {
  const { out, err, screen } = open(true)
  screen.call('pay', 'wx_client', { ranMs: 1, waitedMs: 0 }, { json: 'null' })
  screen.trouble('tea', { why: 'load', message: 'broken' })
  const plain = (text: string) => text.replaceAll('\u001b', '~')
  expect(plain(out.text())).toMatch(/^~\[\d+m\[pay\]~\[39m ok wx_client 1 ms null\n$/)
  expect(plain(err.text())).toMatch(/^~\[\d+m\[tea\]~\[39m ~\[31mload broken~\[39m\n$/)
})

test.each([
  ['zh', '[tea] 已重新加载\ncloudpay: 你好\n'],
  ['en', '[tea] reloaded\ncloudpay: hello\n'],
] as const)('the host speaks the language of its user (%s)', (language, said) => {
  const { out, screen } = open(false, language)
  screen.say({ zh: '已重新加载', en: 'reloaded' }, 'tea')
  screen.say({ zh: '你好', en: 'hello' })
  expect(out.text()).toBe(said)
})

test('whoever reads slowly slows the function down, and whoever left does not', async () => {
  const slow = new Writable({ highWaterMark: 1, write() {} })
  const screen = openScreen({ out: slow, err: slow, language: 'en', colours: false })
  const stream = new PassThrough({ highWaterMark: 1 })
  screen.follow('tea', stream, 'out')
  stream.write('one\n')
  await expect.poll(() => slow.writableNeedDrain).toBe(true)
  expect(stream.write('two\n'.repeat(10_000))).toBe(false)
  expect(slow.writableLength).toBeLessThan(100)
  slow.destroy()
  await expect.poll(() => stream.readableLength).toBe(0)
})
