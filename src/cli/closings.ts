/** Orders closed one after the other, some at a time, and reported as they come. Owns the order of it; texts are close-text.ts's. */
import { pMapIterable } from 'p-map'
import type { CloudPay } from '../client/cloud-pay.ts'
import { CloudPayUnanswered } from '../client/errors.ts'
import { type Closing, closingJson, closingLine, openTally, type Tally } from './close-text.ts'
import type { Bar, Terminal } from './terminal.ts'

/** On their way at once: the server gathers them into few statements. */
const concurrency = 8

/** What goes on, and whether it still does. */
export interface Run {
  /** No more are sent: the server does not answer, or somebody wants it to end. */
  stopped: boolean
  /** Why the server did not answer. */
  unanswered?: CloudPayUnanswered
}

export interface Wanted {
  readonly outTradeNo: string
  /** Left out: the client's. */
  readonly subMchId?: string | undefined
}

/** @throws CloudPayRefused, for the first that is */
export function closings(
  cloudPay: CloudPay,
  wanted: AsyncIterable<Wanted> | Iterable<Wanted>,
  run: Run,
): AsyncIterable<Closing> {
  const close = async ({ outTradeNo, subMchId }: Wanted): Promise<Closing> => {
    if (run.stopped) return { outTradeNo, subMchId, result: { outcome: 'not-asked' } }
    try {
      return { outTradeNo, subMchId, result: await cloudPay.closeOrder(outTradeNo, { subMchId }) }
    } catch (error) {
      if (!(error instanceof CloudPayUnanswered)) throw error
      run.stopped = true
      run.unanswered ??= error
      return { outTradeNo, subMchId, result: { outcome: 'unanswered' } }
    }
  }
  return pMapIterable(wanted, close, { concurrency, backpressure: 4 * concurrency })
}

/** Of many, only what a person has to look at: not what went well, nor what the next run takes up. */
const isTold = ({ result: { outcome } }: Closing) =>
  outcome === 'paid' || outcome === 'too-early' || outcome === 'not-found' || outcome === 'unanswered'

/** While a bar is shown lines wait, and of very many so many are shown. */
const mostKept = 100

/** @param bar where one is shown; left out: a line for each */
export async function report(
  all: AsyncIterable<Closing>,
  { print, language }: Terminal,
  json: boolean,
  bar?: Bar,
): Promise<Tally> {
  const tally = openTally()
  const kept: string[] = []
  let more = 0
  try {
    for await (const closing of all) {
      tally.add(closing)
      const line = json ? closingJson(closing) : closingLine(closing, language)
      if (bar === undefined) print(line)
      else {
        bar.advance()
        if (isTold(closing) && kept.length < mostKept) kept.push(line)
        else if (isTold(closing)) more++
      }
    }
  } finally {
    bar?.stop()
  }
  for (const line of kept) print(line)
  if (more > 0) print(language === 'zh' ? `…… 另有 ${more} 个` : `… and ${more} more`)
  return tally.tally()
}
