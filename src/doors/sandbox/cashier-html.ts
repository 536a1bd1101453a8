/** The cashier as a person sees it, on a phone or in a browser: one page, no scripts. Owns look and wording. */
import { createHash } from 'node:crypto'
import { renderSVG } from 'uqr'
import type { Order } from '../../ledger/order.ts'
import type { Payer } from '../../ledger/payers.ts'
import { readableTime } from '../../protocol/beijing-time.ts'
import type { Language, Text } from '../../protocol/text.ts'
import { Html, html } from './html.ts'

/** Where the order stands for whoever looks at its page. */
export type CashierState =
  | { readonly state: 'open' }
  | { readonly state: 'paid' }
  | { readonly state: 'refused'; readonly why: Text }

export interface CashierPage {
  readonly language: Language
  readonly order: Order | undefined
  readonly state: CashierState
  /** Of a NATIVE order: what its code holds. */
  readonly code: string | undefined
  /** Who may pay it; one alone needs no choice. */
  readonly payers: readonly Payer[]
  /** Where the form goes. */
  readonly action: string
  /** The same page in the other language. */
  readonly otherLanguage: string
  /** Where the shop wants its customer back. */
  readonly back: string | undefined
  /** It was not paid, because its payer did not want to. */
  readonly cancelled: boolean
}

const words = {
  title: { zh: '收银台', en: 'Cashier' },
  sandbox: { zh: '沙箱：不会扣真实的钱', en: 'Sandbox: no real money moves' },
  pay: { zh: '支付', en: 'Pay' },
  cancel: { zh: '取消', en: 'Cancel' },
  payer: { zh: '付款人', en: 'Payer' },
  merchant: { zh: '商户号', en: 'Merchant' },
  number: { zh: '订单号', en: 'Order' },
  until: { zh: '有效期至', en: 'Payable until' },
  scan: { zh: '用手机扫码，或在此支付', en: 'Scan with a phone, or pay here' },
  paid: { zh: '支付成功', en: 'Paid' },
  back: { zh: '返回商家', en: 'Back to the shop' },
  cancelled: { zh: '已取消支付，订单仍可支付', en: 'Not paid. The order can still be paid' },
  nothing: { zh: '没有这个订单', en: 'There is no such order' },
  nothingWhy: {
    zh: '链接可能已被更新的取代：请以相同参数再次 unifiedOrder',
    en: 'A fresher link may have taken its place: call unifiedOrder again with the same parameters',
  },
  other: { zh: 'English', en: '中文' },
} as const satisfies Record<string, Text>

const style = `
:root{color-scheme:light dark;--ink:#191919;--soft:#6b6b6b;--card:#fff;--ground:#ededed;--line:#e3e3e3;--green:#07a35a;--red:#c8372d}
@media(prefers-color-scheme:dark){:root{--ink:#ececec;--soft:#a0a0a0;--card:#1e1e1e;--ground:#111;--line:#333;--green:#2fbf7a;--red:#ff7a70}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"PingFang SC","Noto Sans SC","Microsoft YaHei",sans-serif}
main{max-width:26rem;margin:0 auto;padding:1.5rem 1rem 3rem}
header{display:flex;justify-content:space-between;align-items:baseline;font-size:.875rem;color:var(--soft)}
header h1{font-size:1rem;margin:0}
header a{color:inherit}
.card{background:var(--card);border-radius:.75rem;padding:1.5rem 1.25rem;margin-top:1rem;text-align:center}
.body{margin:0 0 .5rem;overflow-wrap:anywhere}
.amount{font-size:2.5rem;font-weight:600;line-height:1.1;margin:0}
.code{max-width:14rem;margin:1.25rem auto 0;background:#fff;padding:.5rem;border-radius:.5rem}
.code svg{display:block;width:100%;height:auto}
.hint{color:var(--soft);font-size:.875rem;margin:.75rem 0 0}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:1.25rem 0 0;padding-top:1rem;border-top:1px solid var(--line);font-size:.875rem;text-align:left}
dt{color:var(--soft)}
dd{margin:0;text-align:right;overflow-wrap:anywhere}
form{display:grid;gap:.75rem;margin-top:1.25rem}
label{display:grid;gap:.25rem;text-align:left;font-size:.875rem;color:var(--soft)}
select,button,.button{font:inherit;width:100%;padding:.75rem;border-radius:.5rem;border:1px solid var(--line);background:var(--card);color:var(--ink);text-decoration:none;display:block}
.button{margin-top:1.25rem}
button{cursor:pointer}
button.pay{background:#07a35a;border-color:#07a35a;color:#fff;font-weight:600}
button:focus-visible,select:focus-visible,a:focus-visible{outline:3px solid var(--green);outline-offset:2px}
.state{font-size:1.25rem;font-weight:600;margin:1rem 0 0}
.paid{color:var(--green)}
.refused{color:var(--red)}
.note{margin:1rem 0 0;color:var(--soft);font-size:.875rem;text-align:center}
`

/** The one style sheet, by its hash: nothing else may style the page, and nothing at all may run on it. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

const yuan = (fen: number) => `¥${(fen / 100).toFixed(2)}`

function payersField({ payers, language }: CashierPage): Html {
  const [only] = payers
  if (payers.length <= 1) return html`<input type="hidden" name="openid" value="${only?.openid ?? ''}">`
  return html`<label>${words.payer[language]}<select name="openid">${payers.map(
    ({ openid, name }) =>
      html`<option value="${openid}">${name === '' ? openid : `${name} (${openid})`}</option>`,
  )}</select></label>`
}

const form = (page: CashierPage): Html => html`<form method="post" action="${page.action}">
${payersField(page)}
<button class="pay" name="then" value="pay">${words.pay[page.language]}</button>
<button name="then" value="cancel">${words.cancel[page.language]}</button>
</form>`

const backLink = ({ back, language }: CashierPage): Html | undefined =>
  back === undefined
    ? undefined
    : html`<a class="button" href="${back}" rel="noreferrer">${words.back[language]}</a>`

function standing(page: CashierPage): Html {
  const { state, language, cancelled } = page
  switch (state.state) {
    case 'open':
      return html`${
        page.code === undefined
          ? undefined
          : html`<div class="code">${new Html(renderSVG(page.code, { border: 1 }))}</div><p class="hint">${words.scan[language]}</p>`
      }${cancelled ? html`<p class="hint" role="status">${words.cancelled[language]}</p>` : undefined}${form(page)}`
    case 'paid':
      return html`<p class="state paid" role="status">✓ ${words.paid[language]}</p>${backLink(page)}`
    case 'refused':
      return html`<p class="state refused" role="status">${state.why[language]}</p>${backLink(page)}`
  }
}

function orderCard(page: CashierPage, order: Order): Html {
  const { language } = page
  return html`<section class="card">
<p class="body">${order.request?.body}</p>
<p class="amount">${yuan(order.totalFee ?? 0)}</p>
${standing(page)}
<dl><dt>${words.merchant[language]}</dt><dd>${order.subMchId}</dd>
<dt>${words.number[language]}</dt><dd>${order.outTradeNo}</dd>
${
  page.state.state === 'open' && order.payableUntil !== undefined
    ? html`<dt>${words.until[language]}</dt><dd>${readableTime(order.payableUntil)}</dd>`
    : undefined
}</dl>
</section>`
}

const nothing = (language: Language): Html =>
  html`<section class="card"><p class="state refused">${words.nothing[language]}</p><p class="hint">${words.nothingWhy[language]}</p></section>`

/** @returns the whole document */
export function cashierPage(page: CashierPage): string {
  const { language, order } = page
  const other = language === 'zh' ? 'en' : 'zh'
  return html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${words.title[language]} · OpenCloudPay</title>
<style>${new Html(style)}</style>
</head>
<body>
<main>
<header><h1>${words.title[language]}</h1><a href="${page.otherLanguage}" lang="${other}">${words.other[language]}</a></header>
${order === undefined ? nothing(language) : orderCard(page, order)}
<p class="note">${words.sandbox[language]}</p>
</main>
</body>
</html>
`.text
}
