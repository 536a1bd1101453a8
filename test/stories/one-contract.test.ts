/**
 * unifiedOrder and queryOrder as one table of cases, told through every door: the answers agree in all that decides.
 * (closeOrder's own table is support/close-order-cases.ts, and runs through every door as well.)
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wireTime } from '../../src/protocol/beijing-time.ts'
import { cloudRunShop } from '../support/cloud-run-client.ts'
import { atRest, closed, ordered, paid, prepayOf } from '../support/orders.ts'
import { freshNumber, openSandbox, type Sandbox, type Shop } from '../support/sandbox.ts'
import { providerOf, v2Environment } from '../support/v2-accounts.ts'
import { v2Shop } from '../support/v2-client.ts'

const tokens = { documented: 'token-of-documented', observed: 'token-of-observed' } as const
const settings = {
  documented: v2Environment('documented', 1, { doorToken: tokens.documented }),
  observed: v2Environment('observed', 2, { doorToken: tokens.observed }),
}

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({ environments: [settings.documented, settings.observed] })
})
afterAll(() => sandbox.close())

type Profile = keyof typeof settings

const doors: Record<string, (profile: Profile) => Shop> = {
  'the official SDK': (profile) => sandbox.shop(profile),
  'Cloud Run': (profile) => cloudRunShop(sandbox, profile, tokens[profile]),
  v2: (profile) => v2Shop(sandbox, profile, providerOf(settings[profile])),
}

/** What decides: the prepay, or the error; of a query the state, or the error. */
type Told = 'SUCCESS' | 'same prepay' | 'fresh prepay' | 'NOTPAY' | 'CLOSED' | (string & {})

interface Case {
  readonly of: string
  readonly ask: (shop: Shop, tea: string) => Promise<Told>
  readonly documented: Told
  readonly observed: Told
}

const both = (told: Told) => ({ documented: told, observed: told })

const orderOutcome = async (shop: Shop, tea: string, more?: object): Promise<Told> => {
  const { result_code, err_code } = await shop.unifiedOrder(tea, more)
  return result_code === 'SUCCESS' ? 'SUCCESS' : String(err_code)
}

/** Orders again after `meanwhile`, and says what became of the prepay. */
const again = async (
  shop: Shop,
  tea: string,
  meanwhile: string | undefined,
  more?: object,
): Promise<Told> => {
  const first = await prepayOf(shop, tea, more)
  if (meanwhile !== undefined) await shop.advance(meanwhile)
  const { result_code, err_code, prepay_id } = await shop.unifiedOrder(tea, more)
  if (result_code !== 'SUCCESS') return String(err_code)
  return prepay_id === first ? 'same prepay' : 'fresh prepay'
}

const queryOutcome = async (shop: Shop, tea: string): Promise<Told> => {
  const { trade_state, err_code } = await shop.queryOrder(tea)
  return String(trade_state ?? err_code)
}

const inMinutes = (now: Date, minutes: number) => wireTime(new Date(now.getTime() + minutes * 60_000))

async function expiring(shop: Shop, tea: string): Promise<Told> {
  let told: Told = 'never asked'
  await atRest(shop, async (now) => {
    told = await again(shop, tea, '31m', { time_expire: inMinutes(now, 30) })
  })
  return told
}

async function tooSoon(shop: Shop, tea: string): Promise<Told> {
  let told: Told = 'never asked'
  await atRest(shop, async (now) => {
    told = await orderOutcome(shop, tea, { time_expire: inMinutes(now, 0.5) })
  })
  return told
}

const unifiedOrders: readonly Case[] = [
  { of: 'a free number', ask: orderOutcome, ...both('SUCCESS') },
  { of: 'an identical order', ask: (shop, tea) => again(shop, tea, undefined), ...both('same prepay') },
  {
    of: 'an identical order after two hours',
    ask: (shop, tea) => again(shop, tea, '2h'),
    ...both('fresh prepay'),
  },
  {
    of: 'the same number with other parameters',
    ask: async (shop, tea) => {
      await ordered(shop, tea)
      return orderOutcome(shop, tea, { total_fee: 991 })
    },
    documented: 'OUT_TRADE_NO_USED',
    observed: 'INVALID_REQUEST',
  },
  {
    of: 'the number of a paid order',
    ask: async (shop, tea) => {
      await paid(shop, tea)
      return orderOutcome(shop, tea)
    },
    ...both('ORDERPAID'),
  },
  {
    of: 'the number of a closed order',
    ask: async (shop, tea) => {
      await closed(shop, tea)
      return orderOutcome(shop, tea)
    },
    documented: 'ORDERCLOSED',
    observed: 'INVALID_REQUEST',
  },
  {
    of: 'a number that was closed before it was ordered',
    ask: async (shop, tea) => {
      await shop.closeOrder(tea)
      return orderOutcome(shop, tea)
    },
    documented: 'SUCCESS',
    observed: 'INVALID_REQUEST',
  },
  {
    of: 'an identical order after its own time_expire',
    ask: expiring,
    documented: 'ORDERCLOSED',
    observed: 'fresh prepay',
  },
  { of: 'a time_expire less than a minute ahead', ask: tooSoon, ...both('PARAM_ERROR') },
]

const afterwards =
  (arrange: (shop: Shop, tea: string) => Promise<unknown>) => async (shop: Shop, tea: string) => {
    await arrange(shop, tea)
    return queryOutcome(shop, tea)
  }

const queryOrders: readonly Case[] = [
  { of: 'an unpaid order', ask: afterwards(ordered), ...both('NOTPAY') },
  { of: 'a paid order', ask: afterwards(paid), ...both('SUCCESS') },
  { of: 'a closed order', ask: afterwards(closed), ...both('CLOSED') },
  { of: 'a number that was never ordered', ask: queryOutcome, ...both('ORDERNOTEXIST') },
  {
    of: 'a number that was only closed',
    ask: afterwards((shop, tea) => shop.closeOrder(tea)),
    ...both('ORDERNOTEXIST'),
  },
]

const rowsOf = (cases: readonly Case[]) =>
  cases.flatMap(({ of, ask, ...told }) =>
    (['documented', 'observed'] as const).map((profile) => ({ of, ask, profile, told: told[profile] })),
  )

describe.each(Object.entries(doors))('through %s', (_name, shopOf) => {
  test.each(rowsOf(unifiedOrders))('$profile: unifiedOrder of $of: $told', async ({ ask, profile, told }) => {
    expect(await ask(shopOf(profile), freshNumber())).toBe(told)
  })

  test.each(rowsOf(queryOrders))('$profile: queryOrder of $of: $told', async ({ ask, profile, told }) => {
    expect(await ask(shopOf(profile), freshNumber())).toBe(told)
  })
})

test('an order made at one door is found, paid and closed through any other', async () => {
  const [sdk, container, v2] = Object.values(doors).map((shopOf) => shopOf('observed'))
  if (sdk === undefined || container === undefined || v2 === undefined) throw new Error('three doors')
  const tea = freshNumber()
  await ordered(container, tea)
  expect(await queryOutcome(v2, tea)).toBe('NOTPAY')
  expect(await sdk.closeOrder(tea)).toMatchObject({ result_code: 'SUCCESS' })
  expect(await queryOutcome(container, tea)).toBe('CLOSED')
  expect(await orderOutcome(v2, tea)).toBe('INVALID_REQUEST')
})
