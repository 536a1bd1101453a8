/** On one connection nothing comes between a clock and the orders on it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshNumber, openSandbox, type Sandbox } from '../support/sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox()
})
afterAll(() => sandbox.close())

test('a clock that is frozen while orders come in stands at or after all of them', async () => {
  const shop = sandbox.shop('observed')
  const control = (body: object) => sandbox.control('/sandbox/clock', { env_id: 'observed', ...body })
  for (let round = 0; round < 15; round++) {
    const orders = Array.from({ length: 8 }, () => freshNumber('FREEZE'))
    const [half, rest] = [orders.slice(0, 4), orders.slice(4)]
    await Promise.all([
      ...half.map((tea) => shop.unifiedOrder(tea)),
      control({ freeze: true }),
      ...rest.map((tea) => shop.unifiedOrder(tea)),
    ])
    const [{ ahead } = { ahead: -1 }] = await sandbox.db.rows<{ ahead: number }>(
      'select count(*)::int as ahead from orders o where o.env_id = $1 and o.created_at > $2',
      ['observed', await shop.now()],
    )
    expect(ahead, 'orders ahead of their clock').toBe(0)
    await control({ run: true })
  }
})
