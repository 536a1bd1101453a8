/** A refund of the ledger as the API shows it. */
import type { z } from 'zod'
import type { ToldRefund } from '../../ledger/order-refunds.ts'
import type { refundShown } from '../../protocol/api/refund.ts'
import { noticeView } from './notice-view.ts'

export const refundView = ({ refund, notices }: ToldRefund): z.output<typeof refundShown> => ({
  out_refund_no: refund.outRefundNo,
  refund_id: refund.refundId,
  out_trade_no: refund.outTradeNo,
  state: refund.state,
  refund_fee: refund.refundFee,
  created_at: refund.createdAt,
  succeeded_at: refund.succeededAt,
  desc: refund.request.refundDesc,
  notices: notices.map(noticeView),
})
