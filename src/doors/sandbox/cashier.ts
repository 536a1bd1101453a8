/**
 * Pages on which a person pays: where a NATIVE order's code and an MWEB order's link lead. The prepay id in the address is
 * all the right that it takes, as with the real ones: a phone carries no token.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { openCashier } from '../../channels/sandbox/cashier.ts'
import { payAsCustomer } from '../../channels/sandbox/pay.ts'
import { codeUrlOf, partOfPrepayId } from '../../channels/sandbox/prepay.ts'
import type { Environment } from '../../ledger/environments.ts'
import { findOrderByPrepayAlone, type Order } from '../../ledger/order.ts'
import { listPayers, type Payer } from '../../ledger/payers.ts'
import { demoOpenid } from '../../protocol/demo-merchant.ts'
import type { Language } from '../../protocol/text.ts'
import type { DoorServices } from '../door-services.ts'
import { atDoor, bodyOf, tell } from '../http.ts'
import { turnAway, type VisitorRules } from '../visitor.ts'
import { type CashierState, cashierPage, contentSecurityPolicy } from './cashier-html.ts'
import { afterPayment, payRefusals } from './pay.ts'
import { openid } from './payers.ts'

interface Found {
  readonly order: Order
  readonly environment: Environment
  readonly prepayId: string
}

async function find({ ledger, directory }: DoorServices, prepayId: string): Promise<Found | undefined> {
  const part = partOfPrepayId(prepayId, ledger)
  const order = part === undefined ? undefined : await findOrderByPrepayAlone(ledger, part, prepayId)
  const environment = order === undefined ? undefined : await directory.environment(order.envId)
  return order === undefined || environment === undefined ? undefined : { order, environment, prepayId }
}

const queryText = ({ query }: FastifyRequest, name: string): string | undefined => {
  const value: unknown = typeof query === 'object' && query !== null ? Reflect.get(query, name) : undefined
  return typeof value === 'string' ? value : undefined
}

/** In the path of a code, in the query of an H5 link. */
function prepayIn(request: FastifyRequest): string {
  const { params } = request
  const inPath: unknown =
    typeof params === 'object' && params !== null ? Reflect.get(params, 'prepayId') : undefined
  return typeof inPath === 'string' ? inPath : (queryText(request, 'prepay_id') ?? '')
}

/** As asked for, or as the browser has it. */
function languageOf(request: FastifyRequest): Language {
  const asked = queryText(request, 'lang')
  if (asked === 'zh' || asked === 'en') return asked
  return /^\s*zh\b/i.test(request.headers['accept-language'] ?? '') ? 'zh' : 'en'
}

/** Of the H5 link: `redirect_url`, a web page and nothing else. */
function backOf(request: FastifyRequest): string | undefined {
  const asked = queryText(request, 'redirect_url')
  return asked !== undefined && /^https?:\/\//i.test(asked) && URL.canParse(asked) ? asked : undefined
}

/** Those whom the order allows: the one it names, or any. */
async function payersOf({ ledger }: DoorServices, { order, environment }: Found): Promise<Payer[]> {
  const named = order.request?.subOpenid ?? order.request?.openid
  if (named !== undefined) return [{ openid: named, name: '' }]
  const added = await listPayers(ledger.db, environment.envId)
  return [{ openid: environment.defaultOpenid ?? demoOpenid, name: '默认 / default' }, ...added]
}

async function stateOf(
  services: DoorServices,
  { order, environment, prepayId }: Found,
): Promise<CashierState> {
  if (order.state === 'SUCCESS' || order.state === 'REFUND') return { state: 'paid' }
  const cashier = await openCashier(services, environment, prepayId, { somebody: demoOpenid })
  if (!('refused' in cashier)) return { state: 'open' }
  const why = cashier.refused
  return why in payRefusals
    ? { state: 'refused', why: payRefusals[why as keyof typeof payRefusals] }
    : { state: 'refused', why: payRefusals['prepay-replaced'] }
}

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': contentSecurityPolicy,
  'cache-control': 'no-store',
  // With no-referrer browsers would send the page's own form with `Origin: null`, as a stranger's.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const

async function show(request: FastifyRequest, reply: FastifyReply, services: DoorServices) {
  const prepayId = prepayIn(request)
  const found = await find(services, prepayId)
  tell(request, { envId: found?.environment.envId, outcome: found === undefined ? 'not-found' : 'ok' })
  const language = languageOf(request)
  const page = cashierPage({
    language,
    order: found?.order,
    state: found === undefined ? { state: 'open' } : await stateOf(services, found),
    code:
      found?.order.request?.tradeType === 'NATIVE' ? codeUrlOf(prepayId, services.publicUrl()) : undefined,
    payers: found === undefined ? [] : await payersOf(services, found),
    action: thisPage(request, language),
    otherLanguage: thisPage(request, language === 'zh' ? 'en' : 'zh'),
    back: backOf(request),
    cancelled: queryText(request, 'said') === 'cancelled',
  })
  return reply
    .code(found === undefined ? 404 : 200)
    .headers(headers)
    .send(page)
}

/** The same page: what was asked of it is asked again. */
function thisPage(request: FastifyRequest, language: Language, said?: string): string {
  const query = new URLSearchParams()
  const prepayId = queryText(request, 'prepay_id')
  if (prepayId !== undefined) query.set('prepay_id', prepayId)
  query.set('lang', language)
  const back = backOf(request)
  if (back !== undefined) query.set('redirect_url', back)
  if (said !== undefined) query.set('said', said)
  return `${request.url.split('?', 1)[0]}?${query}`
}

/** A person pressed a button; what came of it the page itself tells. */
async function press(request: FastifyRequest, reply: FastifyReply, services: DoorServices) {
  const body = bodyOf(request)
  const fields = new URLSearchParams(Buffer.isBuffer(body) ? body.toString('utf8') : '')
  const found = await find(services, prepayIn(request))
  const pays = fields.get('then') === 'pay'
  if (found !== undefined && pays) {
    const { environment, prepayId } = found
    const asked = openid.safeParse(fields.get('openid') || undefined)
    const outcome = await payAsCustomer(
      services,
      environment,
      { prepayId },
      { openid: asked.data, somebody: demoOpenid },
    )
    if (outcome.outcome === 'paid') await afterPayment(services, environment, outcome)
    tell(request, { envId: environment.envId, outcome: outcome.outcome })
  }
  const to = thisPage(request, languageOf(request), pays ? undefined : 'cancelled')
  return reply.code(303).header('location', to).send()
}

export function cashierDoor(http: FastifyInstance, services: DoorServices, rules: VisitorRules): void {
  for (const url of ['/q/:prepayId', '/sandbox/h5']) {
    for (const [method, handle] of [['GET', show] as const, ['POST', press] as const]) {
      http.route({
        method,
        url,
        ...atDoor('sandbox'),
        handler: async (request, reply) => {
          tell(request, { method: 'cashier' })
          const turned = turnAway(request, { ...rules, adminToken: undefined })
          if (turned === undefined) return handle(request, reply, services)
          tell(request, { outcome: 'TURNED_AWAY' })
          return reply
            .code(turned.status)
            .type('text/plain; charset=utf-8')
            .send(`${turned.text.zh}\n${turned.text.en}\n`)
        },
      })
    }
  }
}
