/** What stands where no door is: a few words for whoever came by browser, by typo or with the wrong method. */
import type { FastifyInstance } from 'fastify'
import type { Text } from '../protocol/text.ts'
import { tell } from './http.ts'

const welcome = `OpenCloudPay

POST /admin            官方 SDK / the official SDK
POST /_/pay/<name>     云托管容器 / containers of Cloud Run
POST /pay/unifiedorder /pay/orderquery /pay/closeorder
                       微信支付 v2 客户端 / clients of WeChat Pay v2
POST /sandbox/pay      顾客付款 / the customer pays
GET  /sandbox/clock    沙箱时间 / the sandbox's time
POST /sandbox/clock    拨动时钟 / move it
GET  /healthz /readyz /metrics
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

const failed: Text = { zh: '服务无法处理该请求', en: 'the server could not process this request' }

const problem = ({ zh, en }: Text, id: string) => ({ error: { message: `${zh} / ${en}`, id } })

export function signpost(http: FastifyInstance): void {
  http.get('/', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(welcome))
  http.get('/admin', async (request, reply) =>
    reply.code(405).header('allow', 'POST').send(problem(sdkOnly, request.id)),
  )
  http.setNotFoundHandler(async (request, reply) => {
    const [path] = request.url.split('?', 1)
    const isWrongMethod =
      path !== undefined && request.method !== 'POST' && http.hasRoute({ method: 'POST', url: path })
    if (isWrongMethod) return reply.code(405).header('allow', 'POST').send(problem(postOnly, request.id))
    return reply.code(404).send(problem(nothingHere, request.id))
  })
  // What fastify itself refuses, and bodies that broke off: its own texts would tell more than anyone should know.
  http.setErrorHandler(async (error: { statusCode?: number; message?: string }, request, reply) => {
    tell(request, { fault: error.message })
    const status = error.statusCode ?? 500
    return reply.code(status).send(problem(failed, request.id))
  })
}
