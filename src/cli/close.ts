/**
 * `cloudpay close`: closes orders by number, or all that nobody paid by a time. Speaks to the server through the client
 * alone. Running it again is harmless: what is closed is closed, and nothing is kept here that a kill would lose.
 */
import { brokenSetting, StartRefused } from '../app/refusals.ts'
import { parseWhen } from '../protocol/api/fields.ts'
import { exitCodeOf, summaryJson, summaryLine } from './close-text.ts'
import { closeUnpaid } from './close-unpaid.ts'
import { closings, type Run, report } from './closings.ts'
import type { Context } from './context.ts'
import { dryRunOfNumbers, sumJson, sumLine } from './dry-run.ts'
import { exitCodes } from './exit-codes.ts'
import { checkedNumber, failureOf, type Operator, type OperatorFlags, operated } from './operator.ts'
import type { Terminal } from './terminal.ts'

export interface CloseFlags extends OperatorFlags {
  readonly unpaidBefore?: string | undefined
  readonly dryRun?: boolean | undefined
  readonly yes?: boolean | undefined
}

async function closeNumbers(
  operator: Operator,
  numbers: readonly string[],
  { dryRun = false, json = false }: CloseFlags,
  terminal: Terminal,
): Promise<number> {
  const { print, language } = terminal
  if (dryRun) {
    const sum = await dryRunOfNumbers(operator.cloudPay, numbers, terminal, json)
    print(json ? sumJson(sum) : sumLine(sum, language))
    return exitCodes.done
  }
  const run: Run = { stopped: false }
  const wanted = numbers.map((outTradeNo) => ({ outTradeNo }))
  const tally = await report(closings(operator.cloudPay, wanted, run), terminal, json)
  if (json) print(summaryJson(tally))
  else if (numbers.length > 1) print(summaryLine(tally, language))
  const failure = run.unanswered === undefined ? undefined : failureOf(operator, run.unanswered)
  if (failure !== undefined) terminal.warn(failure.text)
  return exitCodeOf(tally)
}

/** @throws StartRefused */
function unpaidBefore(given: string): string {
  if (parseWhen(given) !== undefined) return given
  throw brokenSetting('--unpaid-before', given, {
    zh: '应为带时区的时间，例如 2026-12-01T00:00:00+08:00，或多久以前，例如 2h',
    en: 'it must be a time with an offset, such as 2026-12-01T00:00:00+08:00, or how long ago, such as 2h',
  })
}

const whatToClose = (example: string) =>
  new StartRefused({
    zh: `请给出要关闭的订单号，或 --unpaid-before <时间>，二者只取其一，例如 ${example}。`,
    en: `Give the numbers to close, or --unpaid-before <time>, and not both, as in ${example}.`,
  })

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const close = (numbers: readonly string[], flags: CloseFlags, context: Context): Promise<number> =>
  operated(flags, context, async (operator, terminal) => {
    const { dryRun = false, yes = false, json = false } = flags
    if ((flags.unpaidBefore === undefined) === (numbers.length === 0))
      throw whatToClose(operator.hints.same('close TEA-0001'))
    if (flags.unpaidBefore === undefined)
      return closeNumbers(operator, [...new Set(numbers.map(checkedNumber))], flags, terminal)
    const before = unpaidBefore(flags.unpaidBefore)
    return closeUnpaid(operator, { before, dryRun, yes, json }, terminal)
  })
