/** What stands where no door is: a few words for whoever came by browser, by typo or with the wrong method. */
import type { FastifyInstance } from 'fastify'
import type { Text } from '../protocol/text.ts'
import type { FrontPage } from './console/door.ts'
import { tell } from './http.ts'

const welcome = (controls: readonly string[]) => `OpenCloudPay

POST /admin            官方 SDK / the official SDK
POST /_/pay/<name>     云托管容器 / containers of Cloud Run
POST /pay/unifiedorder /pay/orderquery /pay/closeorder /secapi/pay/refund /pay/refundquery
                       微信支付 v2 客户端 / clients of WeChat Pay v2
GET, POST /sandbox/<name>
                       付款人、回调、时钟等 / the payer, callbacks, the clock and so on:
                       ${controls.join(' ')}
GET, POST /api/orders  查询、关闭订单，见 / orders, closing them: GET /openapi.json
GET  /healthz /readyz /metrics

用浏览器打开这个地址，就是控制台 / open this address in a browser: the console
`

const sdkOnly: Text = {
  zh: '这是官方 SDK 的入口，只接受签名的 POST；请设置 TCB_CONTEXT_CNFG 等变量，由 SDK 调用（见 README）',
  en: 'this is the door of the official SDK and takes signed POSTs only; set TCB_CONTEXT_CNFG and let the SDK call it (see the README)',
}

const postOnly: Text = { zh: '这里只接受 POST', en: 'use POST here' }

const nothingHere: Text = {
  zh: '这里没有接口；GET / 列出全部入口',
  en: 'nothing is served here; GET / lists what is',
}

const codes: Readonly<Record<number, string>> = { 413: 'TOO_LARGE', 415: 'CONTENT_TYPE' }

const failed: Text = { zh: '服务无法处理该请求', en: 'the server could not process this request' }

const problem = (code: string, { zh, en }: Text, id: string) => ({
  error: { code, message: `${zh} / ${en}`, id },
})

/**
 * @param controls of the sandbox, by their names
 * @param frontPage what browsers get in the place of words
 */
export function signpost(
  http: FastifyInstance,
  controls: readonly string[],
  frontPage: FrontPage = () => undefined,
): void {
  http.get(
    '/',
    async (request, reply) =>
      frontPage(request, reply) ??
      reply.type('text/plain; charset=utf-8').header('vary', 'Accept').send(welcome(controls)),
  )
  http.get('/admin', async (request, reply) =>
    reply
      .code(405)
      .header('allow', 'POST')
      .send(problem('METHOD', sdkOnly, request.id)),
  )
  http.setNotFoundHandler(async (request, reply) => {
    const [path] = request.url.split('?', 1)
    const isWrongMethod =
      path !== undefined && request.method !== 'POST' && http.hasRoute({ method: 'POST', url: path })
    if (isWrongMethod)
      return reply
        .code(405)
        .header('allow', 'POST')
        .send(problem('METHOD', postOnly, request.id))
    return reply.code(404).send(problem('NOT_FOUND', nothingHere, request.id))
  })
  // What fastify itself refuses, and bodies that broke off: its own texts would tell more than anyone should know.
  http.setErrorHandler(async (error: { statusCode?: number; message?: string }, request, reply) => {
    tell(request, { fault: error.message })
    const status = error.statusCode ?? 500
    return reply
      .code(status)
      .send(problem(codes[status] ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL'), failed, request.id))
  })
}
