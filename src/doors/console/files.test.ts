import { expect, test } from 'vitest'
import { type ConsoleFile, codingFor } from './files.ts'

const both: ConsoleFile = {
  type: 'text/css',
  etag: '"a"',
  body: Buffer.from('a'),
  compressed: { br: Buffer.from('b'), gzip: Buffer.from('c') },
}

test.each([
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'gzip'],
  ['BR', 'br'],
  ['identity', undefined],
  [undefined, undefined],
])('of a file in both forms, who takes %s gets %s', (accepts, coding) => {
  expect(codingFor(both, accepts)).toBe(coding)
})

test('a file that was not compressed goes as it is', () => {
  expect(codingFor({ ...both, compressed: {} }, 'br, gzip')).toBeUndefined()
})
