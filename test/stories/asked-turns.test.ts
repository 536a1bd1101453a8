/** Merchants with much to be asked of a slow channel take nobody's turn. */
import { expect, test } from 'vitest'
import type { Channel } from '../../src/channels/channel.ts'
import { openAsker } from '../../src/engine/asking/asker.ts'
import { askedClock } from '../../src/ledger/clocks.ts'
import { openBatcher } from '../../src/ledger/db/batcher.ts'
import { environmentSettingSchema } from '../../src/ledger/environments.ts'
import { askedShop } from '../support/asked-shop.ts'
import { environmentNamed } from '../support/sandbox.ts'

/** One place becomes free at a time: so it is when more is due than can be asked about. */
test('six merchants have forty orders due each, and one has a single one: it is asked about in its turn', async () => {
  const shop = await askedShop()
  await shop.gateway.order('pattern')
  const now = new Date(shop.clock.now)
  const columns = await shop.db.rows<{ name: string }>(
    `select c.column_name as name from information_schema.columns c where c.table_name = 'orders'`,
  )
  const copies = (over: Record<string, string>, from: string) =>
    shop.db.rows(
      `insert into orders (${columns.map(({ name }) => name).join(', ')})
       select ${columns.map(({ name }) => over[name] ?? `o.${name}`).join(', ')}
       from orders o, ${from} where o.out_trade_no = 'pattern'`,
    )
  const due = (secondsAgo: number) =>
    `'${new Date(now.getTime() - secondsAgo * 1_000).toISOString()}'::timestamptz`
  const closing = {
    state: `'CLOSING'`,
    prepay_id: 'null',
    asking: `o.asking || '{"next": "close"}'`,
    lease_until: 'null',
    claim: 'null',
  }
  await copies(
    { ...closing, sub_mch_id: `'10' || n % 6`, out_trade_no: `'great-' || n`, due_at: due(60) },
    'generate_series(1, 240) n',
  )
  await shop.db.rows(`update orders set due_at = null where out_trade_no = 'pattern'`)

  const asked: string[] = []
  const waiting: (() => void)[] = []
  const slow = ({ outTradeNo }: { outTradeNo: string }) => {
    asked.push(outTradeNo)
    return new Promise<{ unsure: string }>((resolve) => waiting.push(() => resolve({ unsure: 'slow' })))
  }
  const channel: Channel = {
    create: slow,
    close: slow,
    query: slow,
    refund: slow as never,
    queryRefund: slow as never,
  }
  const setting = environmentNamed('asked', 'observed', { clock: 'real', channel: 'wechatpay' })
  const environment = { ...environmentSettingSchema.parse(setting), directMerchants: [] }
  let over = 0
  const asker = openAsker({
    ledger: { db: shop.db, batcher: openBatcher(shop.db, 1), parts: 1 },
    world: { wallClock: () => now, randomBytes: (size) => crypto.getRandomValues(new Uint8Array(size)) },
    channelOf: () => channel,
    directory: { environment: () => Promise.resolve(environment) },
    pause: () => new Promise(() => {}),
    onAlarm() {},
    onMoved() {},
    onTrouble: (_message, error) => {
      throw error
    },
    onOver: () => over++,
  })
  const look = () => asker.askDue({ part: 0, clock: askedClock }, now)
  await look()
  await expect.poll(() => asked.length).toBe(64)
  await copies({ ...closing, sub_mch_id: `'999'`, out_trade_no: `'small'`, due_at: due(1) }, '(select 1) one')
  let freed = 0
  while (!asked.includes('small') && freed < 60) {
    const before = over
    waiting.shift()?.()
    freed++
    await expect.poll(() => over).toBe(before + 1)
    await look()
  }
  expect(freed, 'places that became free before it was its turn').toBeLessThan(20)
  for (const answer of waiting.splice(0)) answer()
  await asker.idle()
  await shop.close()
})
