/** Amounts as people read them at a terminal. Light: `--help` imports it. */

/** @param fen whole; a sum may be larger than one order's */
export function yuan(fen: number): string {
  const whole = `${Math.floor(fen / 100)}`.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${whole}.${`${fen % 100}`.padStart(2, '0')}`
}

export const money = (fen: number): string => `${yuan(fen)} CNY`
