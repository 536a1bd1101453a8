/** What is printed of a callback that failed: an error with its stack can be read. */
import { expect, test } from 'vitest'
import { attemptLines, noticeLines } from './callback-page.ts'
import { hintsOf } from './hints.ts'

const stack = 'TypeError: no tea\n    at pay (index.js:3:9)\r\n    at run (index.js:9:1)\u001b[2J'
const at = new Date('2026-12-01T09:00:00+08:00')
const plain = (_style: unknown, text: string) => text
const hints = hintsOf('cloudpay')

test('of an attempt each line of a text has a line, further in, and nothing of it moves a cursor', () => {
  const attempt = {
    id: 'a',
    subject: 'order',
    number: 'TEA-1',
    kind: 'paid',
    attempt: 1,
    at,
    target: 'pay',
    outcome: 'threw',
    why: { zh: stack, en: stack },
    ms: 3,
    answer: 'one\ntwo',
    sent: '{}',
  } as const
  const lines = attemptLines(attempt, 'en', plain, hints)
  expect(lines.slice(2)).toEqual([
    '  sent  {}',
    '  answer  one',
    '      two',
    '  why  TypeError: no tea',
    '          at pay (index.js:3:9)',
    '          at run (index.js:9:1)\ufffd[2J',
  ])
})

test('in a table it stays one line', () => {
  const notice = {
    kind: 'paid',
    state: 'failing',
    since: at,
    attempts: 1,
    why: { zh: stack, en: stack },
  } as const
  const order = { outTradeNo: 'TEA-1', notices: [notice], refunds: [] }
  const [, row = ''] = noticeLines(order, 'en', plain, hints)
  expect(row).toMatch(/TypeError: no tea ↵ at pay \(index\.js:3:9\) ↵ at run/)
})
