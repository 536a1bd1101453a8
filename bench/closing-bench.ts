/** What the parts of the section `closing` share: a database, its gateways, and open orders as rows. Measures nothing. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { demoEnvironment } from '../src/app/demo-environment.ts'
import { orderRequest } from '../test/support/sandbox.ts'
import { payerOpenid } from '../test/support/v2-client.ts'
import type { Database } from './database.ts'
import { cloudRunDoor, type Door, jsonRequest } from './door-calls.ts'
import { launch, type ServerUnderTest } from './server-under-test.ts'

export interface Bench {
  readonly database: Database
  readonly base: string
  readonly config: string
}

const doorToken = 'token-of-the-benchmark'
const service = 'shop'

/** @param callbacks where those of payments go */
export const environmentWith = (callbacks: string) => ({
  ...demoEnvironment,
  envId: 'bench',
  clock: 'real',
  profile: 'observed',
  doorToken,
  containers: { [service]: callbacks },
})

/** The environment's own: payments are called back where its container is. */
export function shopDoor(url: string): Door {
  const door = cloudRunDoor(url, doorToken)
  const toService = {
    function_name: undefined,
    callback_type: 2,
    container: { service, path: '/0' },
    openid: payerOpenid,
  }
  return {
    ...door,
    request: (method, outTradeNo) =>
      method === 'unifiedOrder'
        ? jsonRequest(`${url}/_/pay/unifiedorder`, orderRequest(outTradeNo, toService), doorToken)
        : door.request(method, outTradeNo),
  }
}

const merchants = 50
let gateways = 0

/** @param url of another database than the section's own */
export function startGateway(
  { base, config, database }: Bench,
  url = database.url,
): Promise<ServerUnderTest> {
  const folder = join(base, `gateway-${++gateways}`)
  mkdirSync(folder)
  return launch(folder, { flags: ['--config', config], variables: { DATABASE_URL: url } })
}

/** One that was really ordered, which the others are copies of. */
export async function orderPattern(gateway: ServerUnderTest): Promise<void> {
  const response = await fetch(`${gateway.url}/_/pay/unifiedorder`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${doorToken}` },
    body: JSON.stringify(orderRequest('pattern', { openid: payerOpenid })),
  })
  const answer = await response.text()
  if (!answer.includes('prepay_id=')) throw new Error(answer.slice(0, 300))
}

type Ask = Pick<Database, 'ask'>

/**
 * Open orders, copied from the pattern.
 * @param dueAt SQL of a time, over `n` from 1
 */
export const insertOrders = ({ ask }: Ask, name: string, count: number, dueAt: string) =>
  ask(
    `insert into orders (part, env_id, sub_mch_id, out_trade_no, state, clock, seq, command_id, request, total_fee,
       created_at, closable_from, payable_until, expires_at, due_at, close_why, made_as, history, notices)
     select o.part, o.env_id, '19' || (n % ${merchants}), '${name}-' || n, 'NOTPAY', o.clock, 1, o.command_id, o.request,
       o.total_fee, o.created_at, o.closable_from, ${dueAt}, ${dueAt}, ${dueAt}, 'time_expire', o.made_as, o.history, '[]'
     from orders o cross join generate_series(1, ${count}) n where o.out_trade_no = 'pattern'`,
  )

/** As SQL. */
export const literal = (at: Date) => `'${at.toISOString()}'::timestamptz`

/** Due by then are only those that are waited for: the index knows them, and asking disturbs nobody. */
export async function untilClosed({ database }: Bench, dueBy: Date): Promise<void> {
  for (;;) {
    const rows = await database.ask<{ open: boolean }>(
      `select exists(select 1 from orders where part = 0 and clock = 'real' and due_at <= ${literal(dueBy)}) as open`,
    )
    if (rows[0]?.open === false) return
    await wait(20)
  }
}

export interface Lateness {
  readonly p50: number
  readonly p99: number
  readonly most: number
}

/** How late orders of this name were closed, in milliseconds. */
export async function latenessOf({ database }: Bench, name: string): Promise<Lateness> {
  const [late] = await database.ask<{ p50: number; p99: number; most: number }>(
    `select percentile_cont(0.5) within group (order by late) as p50, percentile_cont(0.99) within group (order by late) as p99,
       max(late) as most
     from (select extract(epoch from closed_at - (history -> -1 ->> 'due')::timestamptz) * 1000 as late
           from orders where out_trade_no like '${name}-%') l`,
  )
  return { p50: Number(late?.p50), p99: Number(late?.p99), most: Number(late?.most) }
}
