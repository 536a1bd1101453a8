/** Order numbers of one order book: every number is ordered once, closed once, and found at any time. */

export interface Stock {
  /** A number for a new order: it counts as ordered. */
  order(): string
  /** One that was ordered and not closed yet; undefined: there is none. */
  close(): string | undefined
  /** Any that was ordered, one after the other. */
  find(): string | undefined
  /** How many nobody closed yet. */
  open(): number
}

/** @param prefix makes the numbers its own; 1–12 characters */
export function newStock(prefix: string): Stock {
  let ordered = 0
  let closed = 0
  let found = 0
  const number = (index: number) => `${prefix}-${index}`
  return {
    order: () => number(ordered++),
    close: () => (closed < ordered ? number(closed++) : undefined),
    find: () => (ordered === 0 ? undefined : number(found++ % ordered)),
    open: () => ordered - closed,
  }
}
