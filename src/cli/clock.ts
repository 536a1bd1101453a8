/** `cloudpay clock …`: the sandbox's time, and moving it. What falls due on the way is the server's to do. */
import { setTimeout } from 'node:timers/promises'
import { brokenSetting, StartRefused } from '../app/refusals.ts'
import type { CloudPay } from '../client/cloud-pay.ts'
import type { ClockAsked } from '../client/sandbox.ts'
import { type ApiClock, clockAnswer } from '../protocol/api/sandbox.ts'
import { isoTime } from '../protocol/beijing-time.ts'
import { parseDuration } from '../protocol/duration.ts'
import { printable } from '../protocol/printable.ts'
import type { Language, Text } from '../protocol/text.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import type { Hints } from './hints.ts'
import { jsonText } from './json-text.ts'
import { type OperatorFlags, operated } from './operator.ts'
import { asWireObject, beijing } from './order-text.ts'
import type { Terminal } from './terminal.ts'

export type ClockCommand = 'show' | 'freeze' | 'run' | 'next' | { advance: string } | { set: string }

type Due = NonNullable<ApiClock['next']>

const dueWords: Readonly<Record<Due['what'], (number: string) => Text>> = {
  close: (number) => ({ zh: `关闭订单 ${number}`, en: `order ${number} is closed` }),
  tell: (number) => ({ zh: `发送 ${number} 的回调`, en: `the callback of ${number} is sent` }),
  settle: (number) => ({ zh: `退款 ${number} 有结果`, en: `refund ${number} is settled` }),
  ask: (number) => ({ zh: `查询订单 ${number}`, en: `order ${number} is asked about` }),
  return: (number) => ({
    zh: `退回订单 ${number} 的迟到付款`,
    en: `the late payment of ${number} goes back`,
  }),
}

const dueText = ({ what, outTradeNo, outRefundNo }: Due, language: Language) =>
  printable(dueWords[what](outRefundNo ?? outTradeNo)[language])

function clockLines({ now, mode, nextDue, next: due }: ApiClock, language: Language): string[] {
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en)
  const modes = {
    running: say('运行中', 'running'),
    frozen: say('已冻结', 'frozen'),
    real: say('真实时间', 'real time'),
  }
  const next =
    nextDue === undefined
      ? say('没有到期的事', 'nothing falls due')
      : say(`下一件到期的事：${beijing(nextDue, language)}`, `next falls due: ${beijing(nextDue, language)}`)
  const what = due === undefined ? '' : `  ${dueText(due, language)}`
  return [`${beijing(now, language)}  ${modes[mode]}`, `${next}${what}`]
}

/** @throws StartRefused */
function readAsked(command: Exclude<ClockCommand, 'show'>): ClockAsked {
  if (command === 'freeze') return { freeze: true }
  if (command === 'run') return { run: true }
  if (command === 'next') return { next: true }
  if ('advance' in command) {
    const { advance } = command
    if (parseDuration(advance) !== undefined) return { advance }
    throw brokenSetting('<duration>', advance, {
      zh: '应形如 5m、24h、1h30m',
      en: 'it must look like 5m, 24h or 1h30m',
    })
  }
  const at = new Date(command.set)
  // Without an offset it would be read in this machine's zone.
  if (/T.*(Z|[+-]\d\d:?\d\d)$/.test(command.set) && !Number.isNaN(at.getTime())) return { set: at }
  throw brokenSetting('<time>', command.set, {
    zh: '应为带时区的时间，例如 2030-01-01T09:00:00+08:00',
    en: 'it must be a time with an offset, such as 2030-01-01T09:00:00+08:00',
  })
}

const looksEveryMs = 500

/** How far it must go. */
function targetOf(asked: ClockAsked, { now, nextDue }: ApiClock): Date | undefined {
  if ('advance' in asked) return new Date(now.getTime() + (parseDuration(asked.advance) ?? 0))
  if ('set' in asked) return asked.set
  return 'next' in asked ? nextDue : undefined
}

/** A day may hold thousands of things that fall due: whoever waits sees how far the clock has come. */
async function moved(
  { sandbox }: CloudPay,
  asked: ClockAsked,
  from: ApiClock,
  terminal: Terminal,
): Promise<ApiClock> {
  const to = targetOf(asked, from)
  const over = new AbortController()
  const moving = sandbox.setClock(asked).finally(() => over.abort())
  const span = to === undefined ? 0 : Math.round((to.getTime() - from.now.getTime()) / 1_000)
  const look = async () => {
    let shown = 0
    const bar = span > 0 ? await terminal.bar(span) : undefined
    try {
      while (bar !== undefined && !over.signal.aborted) {
        const { now } = await sandbox.clock()
        const come = Math.min(span, Math.max(shown, Math.round((now.getTime() - from.now.getTime()) / 1_000)))
        bar.advance(come - shown)
        shown = come
        await setTimeout(looksEveryMs, undefined, { signal: over.signal })
      }
    } catch {
      // It is done, or its own call says what went wrong.
    } finally {
      bar?.stop()
    }
  }
  // Most moves are done before anybody would look.
  const late = setTimeout(looksEveryMs, undefined, { signal: over.signal }).then(look, () => {})
  try {
    return await moving
  } finally {
    await late
  }
}

/** Twice is twice as far. */
const lookOf = (command: ClockCommand) =>
  typeof command === 'object' || command === 'next' ? ({ same }: Hints) => same('clock show') : undefined

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const clock = (command: ClockCommand, flags: OperatorFlags, context: Context): Promise<number> =>
  operated(
    flags,
    context,
    async ({ cloudPay, hints }, terminal) => {
      const { print, language } = terminal
      const asked = command === 'show' ? undefined : readAsked(command)
      const before = await cloudPay.sandbox.clock()
      if (asked !== undefined && 'next' in asked && before.nextDue === undefined)
        throw new StartRefused({
          zh: `没有到期的事，时钟没有拨动；可以用 ${hints.same('clock advance 5m')}`,
          en: `nothing falls due, and the clock was not moved; ${hints.same('clock advance 5m')} moves it`,
        })
      const reading = asked === undefined ? before : await moved(cloudPay, asked, before, terminal)
      if (flags.json === true)
        print(
          jsonText({
            ...asWireObject(clockAnswer, reading),
            ...(asked === undefined ? {} : { was: isoTime(before.now) }),
          }),
        )
      else for (const line of clockLines(reading, language)) print(line)
      return exitCodes.done
    },
    lookOf(command),
  )
