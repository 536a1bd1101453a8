/**
 * `cloudpay close --unpaid-before <time>`: all that nobody paid, of orders made before that time. Looks first and says how
 * many; then closes them as it lists them again, so that nothing is kept: none can have joined them, some may have gone.
 */
import { StartRefused } from '../app/refusals.ts'
import type { ApiOrder } from '../protocol/api/orders.ts'
import { order as orderSchema } from '../protocol/api/orders.ts'
import type { Language } from '../protocol/text.ts'
import { exitCodeOf, summaryJson, summaryLine } from './close-text.ts'
import { closings, type Run, report, type Wanted } from './closings.ts'
import { type Sum, sumJson, sumLine } from './dry-run.ts'
import { exitCodes } from './exit-codes.ts'
import { jsonText } from './json-text.ts'
import { money } from './money.ts'
import { environmentOf, failureOf, type Operator } from './operator.ts'
import { asWire, beijing } from './order-text.ts'
import { stopRequested } from './stop-requested.ts'
import type { Terminal } from './terminal.ts'

const pageSize = 500

export interface Unpaid {
  /** ISO 8601, or how long ago on the clock of the environment. */
  readonly before: string
  readonly dryRun: boolean
  readonly yes: boolean
  readonly json: boolean
}

interface Looked extends Sum {
  /** Never in the future: an order that is made from now on is not meant. */
  readonly before: Date
}

/** @param each hears of every order that would be closed */
async function look(
  { cloudPay, subMchId }: Operator,
  before: string,
  each: (order: ApiOrder) => void,
): Promise<Looked> {
  const sum = { count: 0, fee: 0, notYet: 0, before: new Date(0) }
  const filter = { unpaid: true, createdBefore: before, subMchId, pageSize }
  let first = true
  for await (const { now, createdBefore = now, orders } of cloudPay.orders.list(filter).pages()) {
    if (first) sum.before = createdBefore < now ? createdBefore : now
    first = false
    for (const order of orders) {
      if (order.createdAt >= sum.before) continue
      if (order.closableFrom !== undefined && order.closableFrom > now) {
        sum.notYet++
        continue
      }
      sum.count++
      sum.fee += order.totalFee ?? 0
      each(order)
    }
  }
  return sum
}

function orderLine({ outTradeNo, subMchId, totalFee = 0, createdAt }: ApiOrder, language: Language): string {
  const made = beijing(createdAt, language)
  return language === 'zh'
    ? `${outTradeNo}  ${money(totalFee)}  商户 ${subMchId}  ${made} 下单`
    : `${outTradeNo}  ${money(totalFee)}  merchant ${subMchId}  ordered ${made}`
}

async function question(
  { count, fee, before }: Looked,
  operator: Operator,
  language: Language,
): Promise<string> {
  const { origin } = operator
  const envId = await environmentOf(operator)
  const time = beijing(before, language)
  return language === 'zh'
    ? `关闭 ${origin} 环境 ${envId} 中 ${time} 之前下单而未支付的 ${count} 个订单（合计 ${money(fee)}）？关闭后不能恢复`
    : `Close ${count} unpaid orders of environment ${envId} at ${origin}, made before ${time}, ${money(fee)} in all? That cannot be undone`
}

/** @throws StartRefused where nobody can be asked */
async function mayGoOn(
  looked: Looked,
  operator: Operator,
  { yes }: Unpaid,
  terminal: Terminal,
): Promise<boolean> {
  if (yes) return true
  if (terminal.isInteractive) return terminal.confirm(await question(looked, operator, terminal.language))
  throw new StartRefused({
    zh: `会关闭 ${looked.count} 个订单（合计 ${money(looked.fee)}），但这里没有终端可以确认。确认要关闭请加 --yes；只想看看请加 --dry-run。`,
    en: `${looked.count} orders would be closed (${money(looked.fee)}), and there is no terminal to ask. Add --yes to close them, or --dry-run to see which.`,
  })
}

async function* unpaidOrders(
  { cloudPay, subMchId }: Operator,
  createdBefore: Date,
  run: Run,
): AsyncGenerator<Wanted> {
  for await (const order of cloudPay.orders.list({ unpaid: true, createdBefore, subMchId, pageSize })) {
    if (run.stopped) return
    yield order
  }
}

async function closeAll(
  looked: Looked,
  operator: Operator,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  const run: Run = { stopped: false }
  let interrupted = false
  // What was sent is heard of; then it ends.
  void stopRequested().then(() => {
    run.stopped = true
    interrupted = true
  })
  const bar = json ? undefined : await terminal.bar(looked.count + looked.notYet)
  const tally = await report(
    closings(operator.cloudPay, unpaidOrders(operator, looked.before, run), run),
    terminal,
    json,
    bar,
  )
  terminal.print(json ? summaryJson(tally) : summaryLine(tally, terminal.language))
  const failure = run.unanswered === undefined ? undefined : failureOf(operator, run.unanswered)
  if (failure !== undefined) terminal.warn(failure.text)
  if (interrupted)
    terminal.warn({
      zh: '已中断；再次运行同一命令即可继续',
      en: 'stopped; the same command goes on from here',
    })
  return interrupted ? exitCodes.interrupted : exitCodeOf(tally)
}

/**
 * @returns the exit code
 * @throws StartRefused; @throws CloudPayRefused; @throws CloudPayUnanswered before anything was closed
 */
export async function closeUnpaid(operator: Operator, asked: Unpaid, terminal: Terminal): Promise<number> {
  const { dryRun, json } = asked
  const { print, language } = terminal
  const looked = await look(operator, asked.before, (order) => {
    if (dryRun) print(json ? jsonText(asWire(orderSchema, order)) : orderLine(order, language))
  })
  if (dryRun) {
    print(json ? sumJson(looked) : sumLine(looked, language))
    return exitCodes.done
  }
  if (looked.count + looked.notYet > 0 && !(await mayGoOn(looked, operator, asked, terminal))) {
    terminal.warn({ zh: '没有关闭任何订单', en: 'nothing was closed' })
    return exitCodes.refused
  }
  return closeAll(looked, operator, json, terminal)
}
