/** `/sandbox/clock`: reads, advances, sets, freezes and runs an environment's test clock. */
import { z } from 'zod'
import { changeEnvironmentClock } from '../../engine/change-clock.ts'
import { type ClockChange, type ClockReading, environmentClock } from '../../ledger/clocks.ts'
import type { Environment } from '../../ledger/environments.ts'
import { isoTime, readableTime } from '../../protocol/beijing-time.ts'
import { duration } from '../../protocol/duration.ts'
import { brokenRule } from '../../protocol/format-problem.ts'
import type { DoorServices } from '../door-services.ts'
import { type Answer, env_id } from './answer.ts'
import { control, onlyEnvironment } from './control.ts'

const moment = z
  .string()
  .refine(
    (text) => z.iso.datetime({ offset: true }).safeParse(text).success,
    brokenRule(
      '应为带时区的 ISO 8601 时间，例如 "2026-12-01T00:00:00+08:00"',
      'must be ISO 8601 with an offset, such as "2026-12-01T00:00:00+08:00"',
    ),
  )

const clockRequest = z
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

/** A real clock can be read as well. */
export const readTheClock = control({
  method: 'GET',
  name: 'clock',
  schema: onlyEnvironment,
  async carryOut({ ledger, world }, environment) {
    const clock = await environmentClock(ledger, environment, world.wallClock())
    if (environment.clock === 'test') return shown(environment.envId, clock)
    return { status: 200, body: { env_id: environment.envId, now: isoTime(clock.now), mode: 'real' } }
  },
})

function changeOf(asked: z.output<typeof clockRequest>): ClockChange {
  if (asked.advance !== undefined) return { advanceMs: asked.advance }
  if (asked.set !== undefined) return { set: new Date(asked.set) }
  return { mode: asked.freeze === true ? 'standing' : 'running' }
}

async function change(
  services: DoorServices,
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

export const setTheClock = control({ method: 'POST', name: 'clock', schema: clockRequest, carryOut: change })
