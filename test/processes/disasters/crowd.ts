/**
 * The people of the simulation (test/simulation/people.ts) as a crowd of clients over HTTP: they speak to whichever gateway is up,
 * and hang up when they hear nothing. Records what was asked and what was heard.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Chance } from '../../simulation/chance.ts'
import { type Asked, aboutOnePurchase, type Counter } from '../../simulation/people.ts'
import type { Gateway } from './gateways.ts'
import { heardIn, type Setting, type Shop, StrangeAnswer, shopsOf } from './shops.ts'

export interface Crowd {
  readonly asked: readonly Asked[]
  /** Answers that nobody could make sense of. */
  readonly strange: readonly string[]
  /** How often each was heard: `pay paid`, `order unknown` …, and `clock moved far`. */
  readonly heard: ReadonlyMap<string, number>
  /** Begins no other purchase. @returns once those that were begun are over */
  leave(): Promise<void>
}

interface Scene {
  readonly chance: Chance
  readonly gateways: readonly Gateway[]
  readonly settings: readonly Setting[]
  /** Where callbacks go. */
  readonly target: string
}

/** At the same time, each of three people. */
const purchasesAtOnce = 16
/** Calls of one of them. */
const callsEach = 9
/** Then the caller hangs up, and knows nothing; less than a gateway may take. */
const patienceMs = 4_000
/** For so long everybody goes elsewhere, if there is an elsewhere. */
const doubtMs = 3_000
/** Between a person's calls. */
const thinkMs = [5, 20, 80]
const untilOrderedMs = 300
/** On the environment's clock: some orders say themselves when their time is up. */
const ownTimesMs = [5, 20, 90].map((minutes) => minutes * 60_000)
/** How the numbers begin, and so what comes of their refunds: as they should, closed, or in need of a person. */
export const beginnings = { usual: 'P', closedRefunds: 'C', changedRefunds: 'H' }
const beginningOf = (chance: Chance) => {
  if (chance.happens(0.25)) return beginnings.closedRefunds
  return chance.happens(0.1) ? beginnings.changedRefunds : beginnings.usual
}

type Answer = { readonly heard: string; readonly prepayId?: string | undefined }
const unknown: Answer = { heard: 'unknown' }

const post = async (url: string, path: string, body: object) => {
  const response = await fetch(`${url}/sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }
}

/** As `yyyyMMddHHmmss`, Beijing time. */
const wireTime = (at: Date) =>
  new Date(at.getTime() + 8 * 3_600_000).toISOString().replace(/\D/g, '').slice(0, 14)

async function pay(url: string, setting: Setting, prepayId: string, openid: string): Promise<Answer> {
  const asked = { env_id: setting.envId, prepay_id: prepayId, openid }
  const { status, json } = await post(url, 'pay', asked)
  if (status === 503) return unknown
  if (json.result === 'paid') return { heard: 'paid' }
  const { error } = json
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined
  if ((status === 409 || status === 404) && typeof code === 'string')
    return { heard: code.toLowerCase().replaceAll('_', '-') }
  throw new StrangeAnswer(`pay: ${status} ${JSON.stringify(json)}`)
}

/** How far somebody moves an environment's clock while people shop: across the five minutes, a `closeAfter`, a prepay's two hours. */
const jumps = { short: ['1s', '1m', '6m'], far: ['45m', '125m'] }
const betweenJumpsMs = [500, 1_500, 4_000]

export function openCrowd({ chance, gateways, settings, target }: Scene): Crowd {
  const asked: Asked[] = []
  const strange: string[] = []
  const heard = new Map<string, number>()
  /** Who was silent, and until when that counts. */
  const doubted = new Map<string, number>()
  const count = (word: string) => void heard.set(word, (heard.get(word) ?? 0) + 1)
  let step = 0
  let names = 0
  let leaving = false

  /** Somebody who is up, as far as anyone knows; where nobody is, whoever comes first. */
  async function someGateway(): Promise<string> {
    for (;;) {
      const urls = gateways.flatMap((gateway) => gateway.running()?.url ?? [])
      const trusted = urls.filter((url) => (doubted.get(url) ?? 0) < performance.now())
      if (urls.length > 0) return chance.pick(trusted.length > 0 ? trusted : urls)
      await wait(chance.pick(thinkMs))
    }
  }

  async function answered(ask: (url: string) => Promise<Answer>): Promise<Answer> {
    const url = await someGateway()
    const hangsUp = new AbortController()
    const silence = wait(patienceMs, unknown, { signal: hangsUp.signal }).then(
      () => {
        doubted.set(url, performance.now() + doubtMs)
        return unknown
      },
      () => unknown,
    )
    try {
      return await Promise.race([ask(url), silence])
    } catch (error) {
      // A line that broke, an answer that broke off: so `fetch` says it.
      if (error instanceof TypeError) return unknown
      strange.push(String(error))
      return { heard: 'strange' }
    } finally {
      hangsUp.abort()
    }
  }

  async function call(
    about: Omit<Asked, 'began' | 'ended' | 'heard'>,
    ask: (url: string) => Promise<Answer>,
  ) {
    const began = ++step
    const answer = await answered(ask)
    asked.push({ ...about, began, ended: ++step, heard: answer.heard })
    count(`${about.what} ${answer.heard}`)
    await wait(chance.pick(thinkMs))
    return answer
  }

  function counterOf(setting: Setting, shop: Shop): Counter {
    /** Of a number's first order; its repetitions are the same. */
    const expires = new Map<string, Promise<string | undefined>>()
    async function someTime(): Promise<string | undefined> {
      const now = chance.happens(0.4) ? await clockOf(setting) : undefined
      return now === undefined ? undefined : wireTime(new Date(now.getTime() + chance.pick(ownTimesMs)))
    }
    return {
      chance,
      async order(outTradeNo, replaces) {
        const expire = expires.get(outTradeNo) ?? someTime()
        expires.set(outTradeNo, expire)
        const time_expire = await expire
        const more = {
          ...(replaces === undefined ? {} : { replaces }),
          ...(time_expire === undefined ? {} : { time_expire }),
        }
        const { prepayId } = await call({ what: 'order', outTradeNo, replaces }, async (url) => {
          const answer = await shop.order(url, outTradeNo, more)
          const prepay = answer.prepay_id
          return {
            heard: heardIn('order', answer),
            prepayId: typeof prepay === 'string' ? prepay : undefined,
          }
        })
        return prepayId
      },
      async close(outTradeNo) {
        await call({ what: 'close', outTradeNo }, async (url) => ({
          heard: heardIn('close', await shop.close(url, outTradeNo)),
        }))
      },
      async refund(outTradeNo, outRefundNo, fee) {
        await call({ what: 'refund', outTradeNo, outRefundNo, fee }, async (url) => ({
          heard: heardIn('refund', await shop.refund(url, { outTradeNo, outRefundNo, fee })),
        }))
      },
      async pay(outTradeNo, prepayId, openid) {
        await call({ what: 'pay', outTradeNo, prepayId, openid }, (url) =>
          pay(url, setting, prepayId, openid),
        )
      },
      wait: () => wait(untilOrderedMs),
    }
  }

  async function clockOf({ envId }: Setting): Promise<Date | undefined> {
    const url = await someGateway()
    const read = fetch(`${url}/sandbox/clock?env_id=${envId}`, { signal: AbortSignal.timeout(patienceMs) })
    const json = await read.then((response) => response.json()).catch(() => undefined)
    const now: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, 'now') : undefined
    return typeof now === 'string' ? new Date(now) : undefined
  }

  async function shopping(): Promise<void> {
    while (!leaving) {
      const setting = chance.pick(settings)
      const shop = chance.pick(shopsOf(setting, target))
      const name = `${beginningOf(chance)}${++names}`
      await Promise.all(aboutOnePurchase(counterOf(setting, shop), name, callsEach))
    }
  }

  async function movesTheClock(setting: Setting): Promise<void> {
    for (let far = true; !leaving; far = !far) {
      await wait(chance.pick(betweenJumpsMs))
      const advance = chance.pick(jumps[far ? 'far' : 'short'])
      await answered(async (url) => {
        const { status, json } = await post(url, 'clock', { env_id: setting.envId, advance })
        if (status !== 200 && status !== 503) throw new StrangeAnswer(`clock: ${JSON.stringify(json)}`)
        // It takes what falls due on the way; somebody may have hung up meanwhile.
        if (status === 200 && far) count('clock moved far')
        return unknown
      })
    }
  }

  const all = Promise.all([
    ...Array.from({ length: purchasesAtOnce }, shopping),
    ...settings.map(movesTheClock),
  ])
  return {
    asked,
    strange,
    heard,
    async leave() {
      leaving = true
      await all
    },
  }
}
