/** The database goes away, or a bug strikes: what clients of v2 and containers hear, and that the same call is safe. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { cloudRunShop, postPay } from '../support/cloud-run-client.ts'
import { cuttable, type Line } from '../support/cuttable.ts'
import { freshStore } from '../support/databases.ts'
import { ordered } from '../support/orders.ts'
import { freshNumber, openSandbox, type Sandbox, type Shop, subMchId } from '../support/sandbox.ts'
import { merchantOf, v2Environment } from '../support/v2-accounts.ts'
import { v2Shop } from '../support/v2-client.ts'

const environment = v2Environment('observed', 1, { envId: 'sandbox' })

let sandbox: Sandbox
let line: Line
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [environment],
    openStore: async () => {
      const { db, ...store } = await freshStore()
      const cut = cuttable(db)
      line = cut.line
      return { ...store, db: cut.db }
    },
  })
})
afterEach(() => {
  line.cut = 'nowhere'
})
afterAll(() => sandbox.close())

const doors: readonly (readonly [string, () => Shop])[] = [
  ['/pay', () => v2Shop(sandbox, 'sandbox', merchantOf(environment))],
  ['/_/pay', () => cloudRunShop(sandbox, 'sandbox')],
]

test.each(doors)(
  '%s: a SYSTEMERROR, signed, and the same call succeeds afterwards',
  async (_door, shopOf) => {
    const shop = shopOf()
    const [tea, other] = [freshNumber(), freshNumber()]
    await ordered(shop, tea)
    for (const cut of ['before', 'after'] as const) {
      line.cut = cut
      const answers = [await shop.closeOrder(tea), await shop.queryOrder(tea), await shop.unifiedOrder(other)]
      line.cut = 'nowhere'
      for (const answer of answers) {
        expect(answer).toMatchObject({ return_code: 'SUCCESS', result_code: 'FAIL', err_code: 'SYSTEMERROR' })
        expect(answer.err_code_des).toMatch(/\[id [0-9a-f]{10}\]/)
      }
    }
    expect(await shop.closeOrder(tea), 'it was closed').toMatchObject({ result_code: 'SUCCESS' })
    expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'CLOSED' })
    expect(await shop.unifiedOrder(other)).toMatchObject({ result_code: 'SUCCESS' })
    expect(await shop.historyOf(other), 'it was ordered once').toEqual(['ordered'])
  },
)

test('a bug is a communication failure in v2, a busy system to a container, and told in the log under its id', async () => {
  line.cut = 'bug'
  const v2 = await v2Shop(sandbox, 'sandbox', merchantOf(environment)).closeOrder(freshNumber())
  const container = await postPay(sandbox.url, 'closeorder', {
    body: JSON.stringify({ sub_mch_id: subMchId, out_trade_no: freshNumber() }),
  })
  line.cut = 'nowhere'
  expect(v2).toEqual({
    return_code: 'FAIL',
    return_msg: expect.stringMatching(/SYSTEMERROR.*repeat the same call/),
  })
  expect(container).toMatchObject({ status: 200, errcode: -1, errmsg: expect.stringMatching(/^system busy/) })
  expect(container.respdata).toBeUndefined()
  for (const text of [v2.return_msg, container.errmsg]) {
    const id = /\[id ([0-9a-f]+)\]/.exec(String(text))?.[1]
    expect(sandbox.log().includes(`"id":"${id}","stack":"Error: a planted bug`), String(text)).toBe(true)
  }
})
