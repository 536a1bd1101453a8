/** `/sandbox/clock`: reads, advances, sets, freezes and runs an environment's test clock. */
import { z } from 'zod'
import { changeEnvironmentClock } from '../../engine/change-clock.ts'
import { type ClockChange, type ClockReading, readClock } from '../../ledger/clocks.ts'
import type { Environment } from '../../ledger/environments.ts'
import type { Services } from '../../methods/services.ts'
import { isoTime, readableTime } from '../../protocol/beijing-time.ts'
import { brokenRule } from '../../protocol/format-problem.ts'
import { type Answer, env_id } from './answer.ts'

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `5m`, `24h`, `1h30m`: whole numbers and units from days down to milliseconds. */
function parseDuration(text: string): number | undefined {
  if (!/^(?:\d{1,9}(?:ms|s|m|h|d))+$/.test(text)) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) {
    total += Number(count) * unitMs[unit as keyof typeof unitMs]
  }
  return total
}

const duration = z
  .string()
  .refine(
    (text) => parseDuration(text) !== undefined,
    brokenRule('应形如 "5m"、"24h"、"1h30m"', 'must look like "5m", "24h" or "1h30m"'),
  )

const moment = z
  .string()
  .refine(
    (text) => z.iso.datetime({ offset: true }).safeParse(text).success,
    brokenRule(
      '应为带时区的 ISO 8601 时间，例如 "2026-12-01T00:00:00+08:00"',
      'must be ISO 8601 with an offset, such as "2026-12-01T00:00:00+08:00"',
    ),
  )

export const clockRequest = z
  .strictObject({
    env_id,
    advance: duration.optional(),
    set: moment.optional(),
    freeze: z.literal(true).optional(),
    run: z.literal(true).optional(),
  })
  .refine(
    (asked) =>
      [asked.advance, asked.set, asked.freeze, asked.run].filter((one) => one !== undefined).length === 1,
    brokenRule(
      'advance、set、freeze、run 须恰好给出一个',
      'exactly one of advance, set, freeze and run is needed',
    ),
  )

const shown = (envId: string, clock: ClockReading): Answer => ({
  status: 200,
  body: { env_id: envId, now: isoTime(clock.now), mode: clock.mode === 'running' ? 'running' : 'frozen' },
})

/** GET: a real clock can be read as well. */
export async function readTheClock({ ledger, world }: Services, environment: Environment): Promise<Answer> {
  const wall = world.wallClock()
  if (environment.clock === 'real')
    return { status: 200, body: { env_id: environment.envId, now: isoTime(wall), mode: 'real' } }
  return shown(environment.envId, await readClock(ledger.db, environment.envId, wall))
}

function changeOf(asked: z.output<typeof clockRequest>): ClockChange {
  if (asked.advance !== undefined) return { advanceMs: parseDuration(asked.advance) ?? 0 }
  if (asked.set !== undefined) return { set: new Date(asked.set) }
  return { mode: asked.freeze === true ? 'standing' : 'running' }
}

export async function setTheClock(
  services: Services,
  environment: Environment,
  asked: z.output<typeof clockRequest>,
): Promise<Answer> {
  const outcome = await changeEnvironmentClock(services, environment, changeOf(asked))
  switch (outcome.outcome) {
    case 'changed':
      return shown(environment.envId, outcome.clock)
    case 'real':
      return {
        status: 409,
        code: 'REAL_CLOCK',
        text: {
          zh: `环境 ${environment.envId} 使用真实时间，不能调整；需要测试时钟请新建 clock 为 "test" 的环境`,
          en: `environment ${environment.envId} runs on real time, which cannot be changed; make one with clock "test"`,
        },
      }
    case 'back':
      return {
        status: 409,
        code: 'CLOCK_BACK',
        text: {
          zh: '已有订单，时间不能往回拨；请往后拨，或换一个新的数据目录',
          en: 'there are orders, so time cannot go back; set it later, or start with a new data folder',
        },
      }
    case 'too-far':
      return {
        status: 409,
        code: 'CLOCK_TOO_FAR',
        text: {
          zh: `时间不得早于 ${readableTime(outcome.start)}，且须早于 ${readableTime(outcome.end)}（北京时间）`,
          en: `the time must be ${readableTime(outcome.start)} or later, and before ${readableTime(outcome.end)} Beijing time`,
        },
      }
  }
}
