import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshLedger } from '../../test/support/databases.ts'
import { minute } from '../../test/support/ledger-shop.ts'
import { rowsRead } from '../../test/support/rows-read.ts'
import type { Db } from './db/db.ts'
import { nextDue } from './next-due.ts'

let db: Db
beforeAll(async () => {
  ;({ db } = await freshLedger())
})
afterAll(() => db.close())

const targets = 20
const noticesOfEach = 150

/** In every part: paid orders whose notices fall due from minute 100 on, a minute after the other, in turns of the targets. */
const fill = () =>
  db.rows(
    `insert into orders (part, env_id, sub_mch_id, out_trade_no, state, clock, seq, command_id, created_at, closable_from,
       payable_until, expires_at, history, notices, tell_target, tell_at)
     select p.part, 'ledger', 'm', 'TOLD-' || n, 'SUCCESS', 'ledger', 1, gen_random_uuid(), $1, $1, $1, $1, '[]', '[]',
       'url:http://shop-' || n % $2 || '.test', $1::timestamptz + (100 + n) * interval '1 minute'
     from parts p, generate_series(1, $3::int) n`,
    [minute(0), targets, targets * noticesOfEach],
  )

test('what is next among many targets is found, without reading all that waits', async () => {
  await fill()
  await db.rows('analyze orders')
  const tells = (number: number) =>
    expect.objectContaining({ at: minute(100 + number), what: 'tell', outTradeNo: `TOLD-${number}` })
  expect(await nextDue({ db }, 'ledger', minute(0))).toEqual(tells(1))
  expect(await nextDue({ db }, 'ledger', minute(107)), 'what is due by then is being done').toEqual(tells(8))
  const last = targets * noticesOfEach
  expect(await nextDue({ db }, 'ledger', minute(100 + last - 1))).toEqual(tells(last))
  expect(await nextDue({ db }, 'ledger', minute(100 + last))).toBeUndefined()
  expect(await nextDue({ db }, 'another', minute(0)), 'on another clock').toBeUndefined()
  const [{ parts = 0 } = {}] = await db.rows<{ parts: number }>('select count(*)::int as parts from parts')
  const read = await rowsRead(db, (counting) => nextDue({ db: { ...db, ...counting } }, 'ledger', minute(0)))
  expect(read, 'one row of each target at least').toBeGreaterThanOrEqual(parts * targets)
  expect(read, `of ${last} notices in each part, a few of each target`).toBeLessThanOrEqual(
    parts * targets * 3,
  )
})
