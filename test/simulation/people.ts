/**
 * The people of a history: shops that order, start again, close, refund and repeat themselves, and payers who pay whatever
 * they have at hand. They know nothing of what is behind the counter: one gateway or several, simulated or real.
 */
import type { Chance } from './chance.ts'

/** What somebody asked for, and heard; steps tell what came before what. */
export interface Asked {
  readonly what: 'order' | 'close' | 'refund' | 'pay'
  readonly outTradeNo: string
  readonly replaces?: string | undefined
  readonly outRefundNo?: string
  readonly fee?: number
  readonly prepayId?: string
  /** Of a payment: whose money it was. */
  readonly openid?: string
  readonly began: number
  readonly ended: number
  /** `unknown`: SYSTEMERROR, or no answer at all. */
  readonly heard: string
}

/** Of every order. */
export const totalFee = 900

/** Where people ask. */
export interface Counter {
  readonly chance: Chance
  /** @returns the prepay that was handed out, if one was */
  order(outTradeNo: string, replaces: string | undefined): Promise<string | undefined>
  close(outTradeNo: string): Promise<void>
  refund(outTradeNo: string, outRefundNo: string, fee: number): Promise<void>
  /** @param openid of this very payment: the books tell by it whose money it was */
  pay(outTradeNo: string, prepayId: string, openid: string): Promise<void>
  /** There is nothing to pay yet. */
  wait(): Promise<void>
}

/** The attempts that a purchase's people know of, and what can be paid as far as they know. */
interface Purchase {
  readonly name: string
  readonly attempts: { readonly outTradeNo: string; readonly replaces: string | undefined }[]
  readonly prepays: { outTradeNo: string; prepayId: string }[]
  /** Shops that may still have one handed out. */
  open: number
}

async function order(counter: Counter, purchase: Purchase, outTradeNo: string, replaces?: string) {
  if (!purchase.attempts.some((one) => one.outTradeNo === outTradeNo))
    purchase.attempts.push({ outTradeNo, replaces })
  const prepayId = await counter.order(outTradeNo, replaces)
  if (prepayId !== undefined) purchase.prepays.push({ outTradeNo, prepayId })
}

/** A shop: orders, starts again, closes, refunds, and repeats itself. */
async function shop(counter: Counter, purchase: Purchase, name: string, calls: number): Promise<void> {
  const { chance } = counter
  const first = `${purchase.name}-1`
  await order(counter, purchase, first)
  for (let count = 0; count < calls; count++) {
    const again = chance.pick(purchase.attempts)
    const known = again.outTradeNo
    const choice = chance.next()
    if (choice < 0.28) {
      const fresh = `${purchase.name}-${name}${count}`
      await order(counter, purchase, fresh, known)
      // As the documentation has it: after any trouble the same call.
      if (chance.happens(0.4)) await order(counter, purchase, fresh, known)
    } else if (choice < 0.53) {
      await order(counter, purchase, known, again.replaces)
    } else if (choice < 0.75) {
      await counter.close(known)
    } else {
      // One after the other, often more than there is to return.
      do {
        const fee = chance.pick([totalFee, 300, 450])
        await counter.refund(known, `${purchase.name}-R${chance.below(4)}-${fee}`, fee)
      } while (chance.happens(0.5))
    }
  }
}

/** A payer with an old phone: pays any prepay that was ever handed out. */
async function payer(counter: Counter, purchase: Purchase, calls: number): Promise<void> {
  const { chance } = counter
  for (let count = 0; count < calls; count++) {
    while (purchase.prepays.length === 0) {
      if (purchase.open === 0) return
      await counter.wait()
    }
    const { outTradeNo, prepayId } = chance.pick(purchase.prepays)
    await counter.pay(outTradeNo, prepayId, `${purchase.name}-payer-${count}`)
  }
}

/**
 * Two shops and a payer, at once, about one purchase.
 * @param calls of each of them
 * @returns the three, under way
 */
export function aboutOnePurchase(counter: Counter, name: string, calls: number): Promise<void>[] {
  const purchase: Purchase = { name, attempts: [], prepays: [], open: 2 }
  const leaves = () => void purchase.open--
  return [
    shop(counter, purchase, 'a', calls).finally(leaves),
    shop(counter, purchase, 'b', calls).finally(leaves),
    payer(counter, purchase, calls),
  ]
}
