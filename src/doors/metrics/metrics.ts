/**
 * What the server counts, for Prometheus. Owns names, labels and buckets. No label ever holds what a caller chose:
 * methods that we do not know are one, and a label whose values grow beyond all reason stops growing.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Pace } from '../../engine/engine.ts'
import type { Late } from '../../ledger/asking.ts'
import type { ClosedDue } from '../../ledger/close-due-orders.ts'
import type { SentBatch } from '../../ledger/db/batcher.ts'
import type { Delivery } from '../../ledger/deliveries.ts'
import type { Order } from '../../ledger/order.ts'
import type { Unsettled } from '../../ledger/unsettled.ts'
import type { Call } from '../http.ts'

export interface Metrics {
  call(call: Call): void
  batch(batch: SentBatch): void
  /** The engine closed orders, at a moment of their clock. */
  closed(orders: readonly ClosedDue[], at: Date): void
  /** What came of asking a channel: an order moved. */
  moved(before: Order, after: Order, at: Date): void
  /** A payment came too late. */
  late(order: Order): void
  /** A late payment could not be returned. */
  alarm(alarm: NonNullable<Late['alarm']>): void
  /** Whom to ask how much is not settled. */
  unsettled(count: () => Promise<Unsettled>): void
  /** An attempt to tell is over. */
  delivery(delivery: Delivery): void
  /** Whom to ask how the engine keeps up. */
  engine(pace: () => Pace): void
  /** Whether the database answered when it was asked last. */
  database(answered: boolean): void
  /** Calls that the request log lost. */
  requestsDropped(rows: number): void
  /** The database did not take what the request log wrote. */
  requestLogFailed(): void
  /** In the text format of Prometheus. */
  text(): Promise<string>
  readonly contentType: string
}

/** From a call that touched nothing to the longest that a caller waits. */
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** From what nobody notices to what somebody must look into. */
const lateSeconds = [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600]
const rows = [1, 2, 4, 8, 16, 32, 64, 128, 256]

/** Outcomes are our own fixed words, about fifty. If a door ever told something else, this many, and no more, is kept. */
const mostWords = 150

/** Those that came first pass as they are, later ones as `other`. */
function firstWords(most: number): (word: string) => string {
  const known = new Set<string>()
  return (word) => {
    if (known.has(word)) return word
    if (known.size >= most) return 'other'
    known.add(word)
    return word
  }
}

let ofProcess: Registry | undefined

/** Memory, event loop, collector: of the process, however many servers it holds; gathered from the first look on. */
function processMetrics(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry()
    collectDefaultMetrics({ register: ofProcess })
  }
  return ofProcess
}

/** What a channel's word made of an order, by the state that it led to. */
const outcomes: Partial<Record<Order['state'], string>> = {
  NOTPAY: 'created',
  CLOSING: 'closing',
  CLOSED: 'closed',
  SUCCESS: 'paid',
}

/** @param methods the names that a method's label may have */
export function openMetrics(methods: ReadonlySet<string>): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const calls = new Counter({
    name: 'cloudpay_calls_total',
    help: 'Calls that are over, by door, method and outcome.',
    labelNames: ['door', 'method', 'outcome'],
    registers,
  })
  const latency = new Histogram({
    name: 'cloudpay_call_seconds',
    help: 'From the first byte of a call to the last of its answer.',
    labelNames: ['door', 'method'],
    buckets: seconds,
    registers,
  })
  const batches = new Histogram({
    name: 'cloudpay_batch_rows',
    help: 'Commands in one statement, by kind.',
    labelNames: ['kind'],
    buckets: rows,
    registers,
  })
  let mostWaiting = 0
  new Gauge({
    name: 'cloudpay_commands_waiting',
    help: 'Most commands that waited for a statement, or its answer, at once since this was read last.',
    registers,
    collect() {
      this.set(mostWaiting)
      mostWaiting = 0
    },
  })
  let pace: (() => Pace) | undefined
  new Gauge({
    name: 'cloudpay_engine_due_age_seconds',
    help: 'How long the order or refund that was due longest had been due, when the engine last looked.',
    registers,
    collect() {
      this.set((pace?.().dueAgeMs ?? 0) / 1000)
    },
  })
  new Gauge({
    name: 'cloudpay_engine_since_look_seconds',
    help: 'Time since the engine last looked for what is due, which it does every second.',
    registers,
    collect() {
      this.set((pace?.().sinceLookMs ?? 0) / 1000)
    },
  })
  const database = new Gauge({
    name: 'cloudpay_database_up',
    help: '1 when the database answered whoever asked it last, 0 when it did not.',
    registers,
  })
  const dropped = new Counter({
    name: 'cloudpay_request_log_dropped_total',
    help: 'Calls that the request log lost, because too many waited or the database refused them.',
    registers,
  })
  const failed = new Counter({
    name: 'cloudpay_request_log_failures_total',
    help: 'Statements of the request log that the database did not carry out.',
    registers,
  })
  const closes = new Counter({
    name: 'cloudpay_engine_closes_total',
    help: 'Orders that were closed by the engine, by what ended them.',
    labelNames: ['why'],
    registers,
  })
  const lateness = new Histogram({
    name: 'cloudpay_engine_close_lateness_seconds',
    help: 'From the moment an order was due to be closed to the moment it was, on its own clock.',
    buckets: lateSeconds,
    registers,
  })
  const deliveries = new Counter({
    name: 'cloudpay_deliveries_total',
    help: 'Attempts to deliver a callback, by what it tells of and what came of it.',
    labelNames: ['kind', 'outcome'],
    registers,
  })
  const deliverySeconds = new Histogram({
    name: 'cloudpay_delivery_seconds',
    help: 'From the beginning of an attempt to the last byte of its answer.',
    labelNames: ['kind'],
    buckets: seconds,
    registers,
  })
  const asked = new Counter({
    name: 'cloudpay_channel_outcomes_total',
    help: 'What became of orders whose channel had to be asked: created, refused, closed (by the evidence), paid, paid-late.',
    labelNames: ['outcome', 'evidence'],
    registers,
  })
  const late = new Counter({
    name: 'cloudpay_late_payments_total',
    help: 'Payments that came too late, by what was decided of them at once.',
    labelNames: ['decision'],
    registers,
  })
  const alarms = new Counter({
    name: 'cloudpay_late_alarms_total',
    help: 'Attempts to return a late payment that failed, by why: somebody should look.',
    labelNames: ['alarm'],
    registers,
  })
  let count: (() => Promise<Unsettled>) | undefined
  const notSettled = new Gauge({
    name: 'cloudpay_unsettled',
    help: 'Orders of which a channel has not said how they stand; late payments on their way back, with an alarm, undecided.',
    labelNames: ['what'],
    registers,
    async collect() {
      // Away: what was counted last stands, and cloudpay_database_up says why.
      const counted = await count?.().catch(() => undefined)
      if (counted === undefined) return
      for (const [what, number] of Object.entries(counted)) this.set({ what }, number)
    },
  })
  notSettled.reset()
  const outcomeWord = firstWords(mostWords)
  const methodWord = (method: string | undefined) => {
    if (method === undefined) return 'none'
    return methods.has(method) ? method : 'unknown'
  }
  const countLate = (order: Order) => late.inc({ decision: order.late?.decision ?? 'none' })
  return {
    call({ door, method, outcome, ms }) {
      const labels = { door, method: methodWord(method) }
      calls.inc({ ...labels, outcome: outcomeWord(outcome) })
      latency.observe(labels, ms / 1000)
    },
    batch({ name, rows, waiting }) {
      batches.observe({ kind: name }, rows)
      mostWaiting = Math.max(mostWaiting, waiting)
    },
    closed(orders, at) {
      for (const { why, dueAt } of orders) {
        closes.inc({ why })
        lateness.observe((at.getTime() - dueAt.getTime()) / 1000)
      }
    },
    moved(before, after, at) {
      const cameLate = after.late !== undefined && before.late === undefined
      if (after.state === before.state && !cameLate) return
      const outcome = outcomes[after.state]
      const evidence = after.state === 'CLOSED' ? (after.asking?.evidence ?? '') : ''
      if (cameLate) countLate(after)
      if (outcome !== undefined) asked.inc({ outcome: cameLate ? 'paid-late' : outcome, evidence })
      if (after.state !== 'CLOSED' || before.state === 'CLOSED') return
      // Who began to close it, and for what.
      const began = after.history.findLast(({ event }) => event === 'closing' || event === 'replaced')
      closes.inc({ why: began?.event === 'replaced' ? 'replaced' : (began?.why ?? 'caller') })
      if (began?.due !== undefined) lateness.observe((at.getTime() - new Date(began.due).getTime()) / 1000)
    },
    late: countLate,
    alarm: (alarm) => alarms.inc({ alarm }),
    unsettled(ask) {
      count = ask
    },
    delivery({ kind, outcome, ms }) {
      deliveries.inc({ kind, outcome })
      deliverySeconds.observe({ kind }, ms / 1000)
    },
    engine(ask) {
      pace = ask
    },
    database: (answered) => database.set(answered ? 1 : 0),
    requestsDropped: (rows) => dropped.inc(rows),
    requestLogFailed: () => failed.inc(),
    text: async () => `${await registry.metrics()}\n${await processMetrics().metrics()}`,
    contentType: registry.contentType,
  }
}
