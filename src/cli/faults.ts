/** `cloudpay faults …`: which faults the sandbox has, which are on; on and off. */
import { brokenSetting } from '../app/refusals.ts'
import { type ApiFaults, faultsAnswer } from '../protocol/api/sandbox.ts'
import { parseDuration } from '../protocol/duration.ts'
import { printable } from '../protocol/printable.ts'
import type { Language, Text } from '../protocol/text.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { readFen } from './fen.ts'
import { jsonText } from './json-text.ts'
import { money } from './money.ts'
import { type OperatorFlags, operated } from './operator.ts'
import { asWire } from './order-text.ts'
import { tableLines } from './table.ts'
import type { Paint } from './terminal.ts'

export interface FaultFlags extends OperatorFlags {
  readonly order?: string | undefined
  readonly fee?: string | undefined
  readonly method?: string | undefined
  readonly times?: string | undefined
  readonly span?: string | undefined
}

type Rule = ApiFaults['on'][number]

function scopeText(rule: Rule, language: Language): string {
  const { method, outTradeNo, subMchId, totalFee, timesLeft } = rule
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en)
  const parts = [
    method,
    outTradeNo,
    subMchId === undefined ? undefined : say(`商户 ${subMchId}`, `merchant ${subMchId}`),
    totalFee === undefined ? undefined : money(totalFee),
    timesLeft === undefined ? undefined : say(`还有 ${timesLeft} 次`, `${timesLeft} more times`),
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? say('每一次', 'always') : parts.join(say('，', ', '))
}

const strikesWords: Readonly<Record<string, Text>> = {
  call: { zh: '调用', en: 'call' },
  payment: { zh: '付款', en: 'payment' },
  callback: { zh: '回调', en: 'callback' },
  refund: { zh: '退款', en: 'refund' },
}

/** A word of a newer server is shown as it is. */
const strikesText = (strikes: string, language: Language) => strikesWords[strikes]?.[language] ?? strikes

function faultLines({ on, menu }: ApiFaults, language: Language, paint: Paint): string[] {
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en)
  const open = tableLines(
    [{ head: say('打开着', 'on') }, { head: say('何时', 'when') }, { head: 'id' }],
    on.map((rule) => [{ text: rule.fault, style: 'red' }, scopeText(rule, language), rule.id]),
    paint,
  )
  const known = tableLines(
    [
      { head: say('故障', 'fault') },
      { head: say('作用于', 'strikes') },
      { head: say('发生什么', 'what happens') },
    ],
    menu.map(({ fault, strikes, method, texts }) => [
      fault,
      method ?? strikesText(strikes, language),
      texts.does[language],
    ]),
    paint,
  )
  return open.length === 0 ? known : [...open, '', ...known]
}

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const listFaults = (flags: OperatorFlags, context: Context): Promise<number> =>
  operated(flags, context, async ({ cloudPay }, { print, paint, language }) => {
    const faults = await cloudPay.sandbox.faults()
    if (flags.json === true) print(jsonText(asWire(faultsAnswer, faults)))
    else for (const line of faultLines(faults, language, paint)) print(line)
    return exitCodes.done
  })

/** @throws StartRefused */
function readTimes(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  if (/^[1-9]\d{0,5}$/.test(given)) return Number(given)
  throw brokenSetting('--times', given, { zh: '应为正整数', en: 'it must be a whole number above 0' })
}

/** @throws StartRefused */
function readSpan(given: string | undefined): string | undefined {
  if (given === undefined || parseDuration(given) !== undefined) return given
  throw brokenSetting('--span', given, { zh: '应形如 5s、1m', en: 'it must look like 5s or 1m' })
}

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const switchFaultOn = (fault: string, flags: FaultFlags, context: Context): Promise<number> =>
  operated(
    flags,
    context,
    async ({ cloudPay, subMchId, hints }, { print, language }) => {
      const asked = {
        on: fault,
        subMchId,
        outTradeNo: flags.order,
        totalFee: readFen('--fee', flags.fee),
        method: flags.method,
        times: readTimes(flags.times),
        span: readSpan(flags.span),
      }
      const { menu } = await cloudPay.sandbox.faults()
      const names = menu.map((entry) => printable(entry.fault))
      if (!menu.some((entry) => entry.fault === fault))
        throw brokenSetting('<fault>', fault, {
          zh: `没有这个故障，应为 ${names.join('、')} 之一；含义见 ${hints.same('faults list')}`,
          en: `there is no such fault; it must be one of ${names.join(', ')}; what they do: ${hints.same('faults list')}`,
        })
      const id = await cloudPay.sandbox.switchOn(asked)
      // The server's word, whoever's server it is.
      const its = printable(id)
      const off = hints.last('faults off', its)
      const said = {
        zh: `已打开 ${fault}（id ${its}）；关闭：${off}`,
        en: `${fault} is on (id ${its}); to switch it off: ${off}`,
      }
      print(flags.json === true ? jsonText({ switched_on: { id, fault } }) : said[language])
      return exitCodes.done
    },
    ({ same }) => same('faults list'),
  )

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const switchFaultsOff = (fault: string, flags: OperatorFlags, context: Context): Promise<number> =>
  operated(flags, context, async ({ cloudPay, hints }, { print, language }) => {
    const { on, menu } = await cloudPay.sandbox.faults()
    const isKnown = menu.some((entry) => entry.fault === fault) || on.some(({ id }) => id === fault)
    if (fault !== 'all' && !isKnown)
      throw brokenSetting('<fault>', fault, {
        zh: `没有叫这个名字或 id 的故障；打开着的见 ${hints.same('faults list')}，全部关闭用 all`,
        en: `no fault has that name or id; which are on: ${hints.same('faults list')}; all switches all of them off`,
      })
    const count = await cloudPay.sandbox.switchOff(fault)
    const said = { zh: `已关闭 ${count} 个故障`, en: `faults switched off: ${count}` }
    print(flags.json === true ? jsonText({ switched_off: count }) : said[language])
    return exitCodes.done
  })
