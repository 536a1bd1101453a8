/** `/sandbox/clock`: reads, advances, sets, freezes and runs an environment's test clock; or takes it to what is due next. */
import { z } from 'zod'
import { changeEnvironmentClock } from '../../engine/change-clock.ts'
import { type ClockChange, type ClockReading, clockName, environmentClock } from '../../ledger/clocks.ts'
import type { Environment } from '../../ledger/environments.ts'
import { nextDue } from '../../ledger/next-due.ts'
import { clockAnswer } from '../../protocol/api/sandbox.ts'
import { readableTime } from '../../protocol/beijing-time.ts'
import { duration } from '../../protocol/duration.ts'
import { brokenRule } from '../../protocol/format-problem.ts'
import type { DoorServices } from '../door-services.ts'
import { type Answer, env_id } from './answer.ts'
import { clockView } from './clock-view.ts'
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
    next: z.literal(true).optional(),
  })
  .refine(
    (asked) =>
      [asked.advance, asked.set, asked.freeze, asked.run, asked.next].filter((one) => one !== undefined)
        .length === 1,
    brokenRule(
      'advance、set、freeze、run、next 须恰好给出一个',
      'exactly one of advance, set, freeze, run and next is needed',
    ),
  )

async function shown(
  { ledger }: Pick<DoorServices, 'ledger'>,
  environment: Environment,
  reading: ClockReading,
): Promise<Answer> {
  return { status: 200, body: z.encode(clockAnswer, await clockView(ledger, environment, reading)) }
}

/** A real clock can be read as well. */
export const readTheClock = control({
  method: 'GET',
  name: 'clock',
  schema: onlyEnvironment,
  carryOut: async (services, environment) =>
    shown(
      services,
      environment,
      await environmentClock(services.ledger, environment, services.world.wallClock()),
    ),
})

const nothingWaits: Answer = {
  status: 409,
  code: 'NOTHING_WAITS',
  text: {
    zh: '没有等待到期的订单、回调或退款；请用 advance 或 set 拨动时间',
    en: 'no order, callback or refund waits for its time; use advance or set',
  },
}

/** @returns undefined: to the next moment when something is due, and nothing is */
async function changeOf(
  { ledger, world }: DoorServices,
  environment: Environment,
  asked: z.output<typeof clockRequest>,
): Promise<ClockChange | undefined> {
  if (asked.next !== undefined) {
    const { now } = await environmentClock(ledger, environment, world.wallClock())
    const due = await nextDue(ledger, clockName(environment), now)
    return due === undefined ? undefined : { set: due.at }
  }
  if (asked.advance !== undefined) return { advanceMs: asked.advance }
  if (asked.set !== undefined) return { set: new Date(asked.set) }
  return { mode: asked.freeze === true ? 'standing' : 'running' }
}

async function change(
  services: DoorServices,
  environment: Environment,
  asked: z.output<typeof clockRequest>,
): Promise<Answer> {
  const asksFor = await changeOf(services, environment, asked)
  if (asksFor === undefined) return nothingWaits
  const outcome = await changeEnvironmentClock(services, environment, asksFor)
  switch (outcome.outcome) {
    case 'changed':
      return shown(services, environment, outcome.clock)
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
