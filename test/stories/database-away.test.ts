/** The database goes away and comes back: nobody is told what is not known, and the same call succeeds afterwards. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cuttable, type Line } from '../support/cuttable.ts'
import { freshStore } from '../support/databases.ts'
import { freshNumber, openSandbox, orderRequest, type Sandbox, subMchId } from '../support/sandbox.ts'

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
afterAll(async () => {
  line.cut = 'nowhere'
  await sandbox.close()
})

test('while the database is away the answer is SYSTEMERROR, and the same call succeeds once it is back', async () => {
  const shop = sandbox.shop('observed')
  const tea = freshNumber()
  await shop.unifiedOrder(tea)

  line.cut = 'before'
  const away = await shop.closeOrder(tea)
  expect(away).toMatchObject({
    return_code: 'SUCCESS',
    result_code: 'FAIL',
    err_code: 'SYSTEMERROR',
    sub_mch_id: subMchId,
  })
  expect(away.err_code_des).toMatch(/repeat the same call.*\[id [0-9a-f]{10}\]/)
  expect(await shop.queryOrder(tea)).toMatchObject({ err_code: 'SYSTEMERROR' })
  expect(await shop.unifiedOrder(freshNumber())).toMatchObject({ err_code: 'SYSTEMERROR' })
  expect((await fetch(`${sandbox.url}/readyz`)).status).toBe(503)
  expect((await fetch(`${sandbox.url}/healthz`)).status).toBe(200)

  line.cut = 'nowhere'
  expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'SUCCESS' })
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'CLOSED' })
  expect((await fetch(`${sandbox.url}/readyz`)).status).toBe(200)
})

test('the id in the text of a SYSTEMERROR finds its line in the log', async () => {
  const shop = sandbox.shop('observed')
  line.cut = 'before'
  const { err_code_des } = await shop.closeOrder(freshNumber())
  line.cut = 'nowhere'
  const id = /\[id ([0-9a-f]+)\]/.exec(String(err_code_des))?.[1]
  expect(sandbox.log()).toMatch(new RegExp(`"id":"${id}".*"fault":"the line is cut"`))
})

test('an order whose answer was lost is found by repeating the call, and exists once', async () => {
  const shop = sandbox.shop('documented')
  const tea = freshNumber()
  line.cut = 'after'
  expect(await shop.unifiedOrder(tea)).toMatchObject({ err_code: 'SYSTEMERROR' })
  line.cut = 'nowhere'
  const first = await shop.unifiedOrder(tea)
  expect(first).toMatchObject({ result_code: 'SUCCESS' })
  expect((await shop.unifiedOrder(tea)).prepay_id).toBe(first.prepay_id)
})

test('keys and merchants are served from memory, however old, while the database is away', async () => {
  const shop = sandbox.shop('documented')
  await shop.queryOrder(freshNumber())
  skipMs = 61_000
  line.cut = 'before'
  // Signed at the test's real time, within the window of the skipped clock.
  expect(await shop.queryOrder(freshNumber())).toMatchObject({
    err_code: 'SYSTEMERROR',
    sub_appid: 'wx8888888888888888',
  })
  line.cut = 'nowhere'
  skipMs = 0
})

test('where no key was ever read, the SDK hears -604103 on its error channel', async () => {
  let cut: ReturnType<typeof cuttable> | undefined
  const young = await openSandbox({
    openStore: async () => {
      const { db, lanes } = await freshStore()
      cut = cuttable(db)
      return { db: cut.db, lanes }
    },
  })
  try {
    if (cut !== undefined) cut.line.cut = 'before'
    const heard = await young.shop('documented').call('unifiedOrder', orderRequest(freshNumber()))
    expect(heard).toMatchObject({ status: 200, channel: 'error', json: { errcode: -604103 } })
    if (cut !== undefined) cut.line.cut = 'nowhere'
    expect(await young.shop('documented').unifiedOrder(freshNumber())).toMatchObject({
      result_code: 'SUCCESS',
    })
  } finally {
    await young.close()
  }
})
