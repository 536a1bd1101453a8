/**
 * What a tea shop does about money, whatever it speaks: one purchase, as many order numbers as it takes, one payment. The
 * calls are given to it, for the SDK, the container and v2 spell them differently.
 */
import { count, find, insert } from './books.mjs'

export const tea = { body: 'Tea shop - oolong', totalFee: 990 }

/**
 * @param {object} calls
 * @param calls.order (outTradeNo) → what the customer's phone needs for wx.requestPayment
 * @param calls.close (outTradeNo): may be refused; {@link calls.stateOf} says what became of it
 * @param calls.stateOf (outTradeNo) → trade_state; undefined: there is no such order
 * @param calls.refund ({ outTradeNo, outRefundNo, totalFee, refundFee }) → whether it was accepted
 */
export function openShop({ order, close, stateOf, refund }) {
  const numberOf = (purchase, attempt) => `${purchase}-${attempt}`
  const purchaseOf = (outTradeNo) => outTradeNo.slice(0, outTradeNo.lastIndexOf('-'))

  /** Rows of this purchase alone: `tea-9-1` is none of `tea`. */
  const attemptsOf = (purchase) => count('attempts', (key) => purchaseOf(key) === purchase)

  /** Paid: hand over the tea, once, however often we are told. */
  async function fulfil(outTradeNo) {
    const isNews = await insert('fulfilled', purchaseOf(outTradeNo), { outTradeNo })
    if (isNews) console.log(`the tea of ${purchaseOf(outTradeNo)} is on its way`)
    return { paid: true, outTradeNo }
  }

  return {
    /**
     * The customer wants to pay, or to try again after a payment that failed. A new number is given out only when the
     * last one can never be paid any more: otherwise the customer could pay both.
     */
    async checkout(purchase) {
      const attempts = await attemptsOf(purchase)
      let attempt = Math.max(1, attempts)
      if (attempts > 0) {
        const last = numberOf(purchase, attempts)
        // Closed by now, or too young for it, or paid: whatever the answer, the order itself is asked.
        await close(last)
        const state = await stateOf(last)
        if (state === 'SUCCESS') return fulfil(last)
        if (state === 'REFUND') return { paid: true, outTradeNo: last }
        if (state === 'CLOSED') attempt = attempts + 1
        // NOTPAY, or never ordered: the same number again is the same order.
      }
      const outTradeNo = numberOf(purchase, attempt)
      // Before the call: whatever happens to it, this number is not forgotten.
      await insert('attempts', outTradeNo, tea)
      return { outTradeNo, payment: await order(outTradeNo) }
    },

    /**
     * The callback of a payment. It may come twice, late, or from somebody else, so the order itself is asked; and what
     * cannot be written down is thrown: not acknowledged, it comes again.
     */
    async paid(outTradeNo) {
      if (!(await find('attempts', outTradeNo))) throw new Error(`no order of ours: ${outTradeNo}`)
      const state = await stateOf(outTradeNo)
      // It came late: the money is back, and no tea goes out for it.
      if (state === 'REFUND') return
      if (state !== 'SUCCESS') throw new Error(`${outTradeNo} is not paid: ${state}`)
      await fulfil(outTradeNo)
    },

    /** All of it. One number for the refund of a purchase: asked for twice, it is one refund. */
    async refund(purchase) {
      const fulfilled = await find('fulfilled', purchase)
      if (!fulfilled) return { accepted: false }
      const { outTradeNo } = fulfilled
      const outRefundNo = `${purchase}-R`
      const { totalFee } = tea
      return {
        accepted: await refund({ outTradeNo, outRefundNo, totalFee, refundFee: totalFee }),
        outRefundNo,
      }
    },

    /** The callback of a refund. */
    async refunded(outRefundNo, status) {
      const isNews = await insert('refunds', outRefundNo, { status })
      if (isNews) console.log(`refund ${outRefundNo}: ${status}`)
    },

    /** What the books say. */
    async purchase(purchase) {
      return {
        attempts: await attemptsOf(purchase),
        fulfilled: await find('fulfilled', purchase),
        refund: await find('refunds', `${purchase}-R`),
      }
    },
  }
}
