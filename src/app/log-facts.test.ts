/** The facts of a log line as a person reads them. */
import { expect, test } from 'vitest'
import { factsText } from './log-facts.ts'

test('facts follow the message, a word each, and nothing that stands elsewhere', () => {
  const line = {
    level: 30,
    time: 1,
    pid: 2,
    hostname: 'h',
    msg: 'call',
    id: 'ad86',
    door: 'v2',
    status: 200,
    ms: 12.345,
  }
  expect(factsText(line)).toBe('  door=v2 status=200 ms=12.3 id=ad86')
  expect(factsText({ level: 30, msg: 'call', why: undefined })).toBe('')
})

test('a value of several words is quoted, and none moves the terminal', () => {
  expect(factsText({ why: 'no such order', what: '\u001b[31mred\n', list: [1, 2] })).toBe(
    '  why="no such order" what=\ufffd[31mred\ufffd list=[1,2]',
  )
})
