/** A database that takes questions and answers none: callers hear all the same, and nothing is guessed. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cuttable, type Line } from '../support/cuttable.ts'
import { freshStore } from '../support/databases.ts'
import { freshNumber, openSandbox, type Sandbox } from '../support/sandbox.ts'

let sandbox: Sandbox
let line: Line
let skipMs = 0
beforeAll(async () => {
  sandbox = await openSandbox({
    openStore: async () => {
      const { db, lanes } = await freshStore()
      const cut = cuttable(db)
      line = cut.line
      return { db: cut.db, lanes }
    },
    world: {
      wallClock: () => new Date(Date.now() + skipMs),
      randomBytes: (size) => crypto.getRandomValues(new Uint8Array(size)),
    },
  })
})
afterAll(() => sandbox.close())

test('callers of a database that hangs hear SYSTEMERROR, and the same call finds out once it goes on', async () => {
  const shop = sandbox.shop('observed')
  const tea = freshNumber()
  await shop.unifiedOrder(tea)
  let goOn: () => void = () => {}
  line.held = new Promise((resolve) => {
    goOn = resolve
  })
  // What is kept of keys and merchants is old by now: who waits for news of it must not wait for ever.
  skipMs = 61_000
  expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'FAIL', err_code: 'SYSTEMERROR' })

  goOn()
  line.held = undefined
  skipMs = 0
  expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'SUCCESS' })
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'CLOSED' })
  // The first close was on its way and happened; the second found it closed. Once.
  expect(await shop.historyOf(tea)).toEqual(['ordered', 'closed'])
})
