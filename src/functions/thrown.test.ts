/** What is shown of an error: the frames of whoever can mend it. */
import { expect, test } from 'vitest'
import { thrown } from './thrown.ts'

const own = '    at exports.main (/work/shop/cloudfunctions/tea/index.js:3:9)'
const sdk = (line: number) =>
  `    at call (/work/shop/cloudfunctions/tea/node_modules/wx-server-sdk/index.js:${line}:1)`
const node = '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)'

const withStack = (...frames: string[]) =>
  Object.assign(new Error('no tea left'), { stack: ['Error: no tea left', ...frames].join('\n') })

test('of a stack the frames of the user’s own files are kept, those of packages and of Node are not', () => {
  expect(thrown(withStack(sdk(1), own, sdk(2), node))).toEqual({
    message: 'Error: no tea left',
    stack: `Error: no tea left\n${own}`,
  })
})

test('where none is the user’s own, a few of the others give a clue', () => {
  expect(thrown(withStack(sdk(1), sdk(2), sdk(3), sdk(4), node)).stack).toBe(
    ['Error: no tea left', sdk(1), sdk(2), sdk(3)].join('\n'),
  )
})
