/** `cloudpay demo`: tells the story on a server of its own, step by step, and leaves nothing behind. */
import { inspect } from 'node:util'
import { StartRefused } from '../app/refusals.ts'
import { CloudPay } from '../client/cloud-pay.ts'
import { isoTime } from '../protocol/beijing-time.ts'
import type { Language, Text } from '../protocol/text.ts'
import type { Context } from './context.ts'
import { differences, type Step, story } from './demo-story.ts'
import { exitCodes } from './exit-codes.ts'
import { type Hints, hintsOf } from './hints.ts'
import { jsonText } from './json-text.ts'
import { failureOf } from './operator.ts'
import { passingServer } from './own-server.ts'
import { stopRequested } from './stop-requested.ts'
import type { Terminal } from './terminal.ts'

export interface DemoFlags {
  readonly json?: boolean | undefined
}

/** Depth and width at which an answer is read at a glance. */
const shape = { depth: 3, breakLength: 76, compact: 3 } as const

/** What is long, or the same everywhere, and says nothing here. */
const unsaid = [
  'envId',
  'subMchId',
  'openid',
  'history',
  'request',
  'attempts',
  'calls',
  'refunds',
  'payment',
]

const isText = (value: object): value is Text => 'zh' in value && 'en' in value

/** Times as the API writes them, texts in the reader's language. */
function readable(value: unknown, language: Language): unknown {
  if (value instanceof Date) return isoTime(value)
  if (Array.isArray(value)) return value.map((one) => readable(one, language))
  if (typeof value !== 'object' || value === null) return value
  if (isText(value)) return value[language]
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, its]) => its !== undefined && !unsaid.includes(name))
      .map(([name, its]) => [name, readable(its, language)]),
  )
}

function lines(
  step: Step,
  number: number,
  answer: object,
  { language, paint }: Pick<Terminal, 'language' | 'paint'>,
  hints: Hints,
): string[] {
  const { title, code, command, lesson } = step
  return [
    '',
    paint('bold', `${`${number}.`.padEnd(4)}${title[language]}`),
    `    ${paint('cyan', code)}`,
    ...(command === undefined ? [] : [`    ${paint('dim', `$ ${hints.same(command)}`)}`]),
    ...hints
      .told(inspect(readable(answer, language), shape))
      .split('\n')
      .map((line) => `    ${line}`),
    `    ${paint('green', `✓ ${hints.told(lesson[language])}`)}`,
  ]
}

const json = ({ title, code, command }: Step, number: number, answer: object, language: Language) =>
  jsonText({ step: number, title: title[language], code, command, answer: readable(answer, language) })

/** @throws StartRefused an answer is not as told */
async function tell(
  origin: string,
  { json: asJson = false }: DemoFlags,
  terminal: Terminal,
  hints: Hints,
  stopped: () => boolean,
): Promise<void> {
  const { print, language } = terminal
  const cloudPay = new CloudPay({ baseUrl: origin, client: 'cli' })
  for (const [at, step] of story.entries()) {
    if (stopped()) return
    const answer = await step.run(cloudPay)
    const number = at + 1
    if (asJson) print(json(step, number, answer, language))
    else for (const line of lines(step, number, answer, terminal, hints)) print(line)
    const wrong = differences(answer, step)
    if (wrong.length > 0)
      throw new StartRefused({
        zh: `第 ${number} 步的应答与预期不符：${wrong.join('、')}`,
        en: `step ${number} was not answered as told: ${wrong.join(', ')}`,
      })
  }
}

/**
 * @returns the exit code
 * @throws StartRefused
 */
export async function demo(flags: DemoFlags, context: Context): Promise<number> {
  const { language } = context
  const hints = hintsOf(context.command)
  let stopped = false
  const stop = stopRequested({ alsoWhenHungUp: true }).then(() => {
    stopped = true
  })
  context.warn({ zh: '正在启动一个只供演示的服务 ……', en: 'starting a server for this demo alone ...' })
  const server = await passingServer({ language })
  try {
    const terminal = await context.terminal()
    try {
      const its = hintsOf(context.command, { origin: server.origin })
      await Promise.race([tell(server.origin, flags, terminal, its, () => stopped), stop])
    } catch (error) {
      const failure = failureOf({ origin: server.origin, hints, hasToken: false }, error)
      if (failure === undefined) throw error
      context.warn(failure.text)
      return exitCodes.refused
    }
    if (stopped) return exitCodes.interrupted
    context.warn({
      zh: `全部 ${story.length} 步的应答均与预期一致。演示用的服务随即停止，其中的订单也不再存在；自己试试：${hints.bare('start')}`,
      en: `all ${story.length} steps came out as told. The demo's server stops now, and its orders are gone with it; try it yourself: ${hints.bare('start')}`,
    })
    return exitCodes.done
  } finally {
    await server.stop()
  }
}
