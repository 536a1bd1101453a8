import { expect, test } from 'vitest'
import { faultOfResult } from './acknowledgement.ts'

const shownOf = (result: unknown) =>
  /^answered (.*); a number/.exec(faultOfResult(result)?.text.en ?? '')?.[1]

test.each([
  ['a short answer as it is', { code: 0 }, '{"code":0}'],
  ['white space as a single space', 'a \n\t b', '"a \\n\\t b"'],
  ['of a long one the beginning', 'x'.repeat(10_000), `"${'x'.repeat(119)}…`],
  ['that more follows a long gap', `a${' '.repeat(10_000)}b`, '"a …'],
])('a reason shows %s', (_what, result, shown) => {
  expect(shownOf(result)).toBe(shown)
})

test('what a function returned acknowledges with a number errcode 0, and nothing else does', () => {
  expect(faultOfResult({ errcode: 0, errmsg: 'ok' })).toBeUndefined()
  for (const result of [{ errcode: '0' }, { code: 0 }, 0, null, undefined, 'ok'])
    expect(faultOfResult(result)?.code, JSON.stringify(result)).toBe('not-acknowledged')
})
