/**
 * `/sandbox/*`: the controls of a sandbox, JSON over POST. What a developer's own machine may do without a word, and
 * nobody else's page: see visitor.ts.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LedgerUnavailable } from '../../ledger/db/db.ts'
import type { Environment } from '../../ledger/environments.ts'
import { quoted } from '../../protocol/cloud-function/refusal.ts'
import type { DoorServices } from '../door-services.ts'
import { atDoor, bodyOf, tell } from '../http.ts'
import { turnAway, type VisitorRules } from '../visitor.ts'
import type { Answer } from './answer.ts'
import { changeTheBalance, showBalance } from './balance.ts'
import { callTheFunction } from './call-function.ts'
import { listCallbacks, resendCallbacks } from './callbacks.ts'
import { readTheClock, setTheClock } from './clock.ts'
import type { Control } from './control.ts'
import { showFaults, switchFaults } from './faults.ts'
import { listHosts, saySo } from './hosts.ts'
import { payTheOrder } from './pay.ts'
import { addAPayer, showPayers } from './payers.ts'
import { settleTheRefund } from './refund.ts'
import { requestThePayment } from './request-payment.ts'

const controls: readonly Control[] = [
  payTheOrder,
  requestThePayment,
  setTheClock,
  readTheClock,
  listCallbacks,
  resendCallbacks,
  settleTheRefund,
  showBalance,
  changeTheBalance,
  showPayers,
  addAPayer,
  showFaults,
  switchFaults,
  saySo,
  listHosts,
  callTheFunction,
]

/** As the record of a call names them. */
export const controlNames: readonly string[] = [...new Set(controls.map(({ name }) => name))]

const jsonType = 'application/json; charset=utf-8'

function send(
  reply: FastifyReply,
  request: FastifyRequest,
  answer: Answer,
  language: 'zh' | 'en' | undefined,
) {
  let body = {}
  if (answer.status === 200) {
    body = answer.body
    tell(request, { outcome: 'ok' })
  } else {
    const { code, more, text } = answer
    // Before an environment is known nobody's language is.
    const message = language === undefined ? `${text.zh} / ${text.en}` : text[language]
    body = { ...more, error: { code, message, id: request.id } }
    tell(request, { outcome: code, why: message })
  }
  return reply
    .code(answer.status)
    .header('content-type', jsonType)
    .send(`${JSON.stringify(body)}\n`)
}

function readJson(request: FastifyRequest): { json: unknown } | Answer {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return {
      status: 415,
      code: 'CONTENT_TYPE',
      text: {
        zh: "请求须带 Content-Type: application/json，例如 curl -H 'content-type: application/json' -d '{…}'",
        en: "send Content-Type: application/json, as in curl -H 'content-type: application/json' -d '{…}'",
      },
    }
  }
  const body = bodyOf(request)
  if (body === 'too-large') {
    return {
      status: 413,
      code: 'TOO_LARGE',
      text: { zh: '请求体超过 1 MiB', en: 'the body is larger than 1 MiB' },
    }
  }
  try {
    return { json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body ?? Buffer.alloc(0))) }
  } catch {
    return {
      status: 400,
      code: 'NOT_JSON',
      text: { zh: '请求体不是合法的 UTF-8 JSON', en: 'the body is not valid JSON in UTF-8' },
    }
  }
}

/** Whoever may see this may see the controls, and so the names. */
function noEnvironment(asked: string, all: readonly string[]): Answer {
  const there = all.slice(0, 5).join(', ')
  return {
    status: 404,
    code: 'ENV_NOT_FOUND',
    text: {
      zh: `没有环境 ${quoted(asked)}；请用 env_id 指明环境，现有：${there}`,
      en: `there is no environment ${quoted(asked)}; name one by env_id: ${there}`,
    },
  }
}

async function carryOut(
  services: DoorServices,
  control: Control,
  json: unknown,
  request: FastifyRequest,
): Promise<{ answer: Answer; environment?: Environment }> {
  const asked = control.read(json)
  if ('problem' in asked) return { answer: { status: 400, code: 'INVALID', text: asked.problem } }
  const environment = await services.directory.environment(asked.envId)
  if (environment === undefined)
    return { answer: noEnvironment(asked.envId, await services.directory.environmentIds()) }
  // Where money is real nobody pays, breaks or turns the clock from here: as if there were no such environment.
  if (environment.channel !== 'sandbox')
    return { answer: noEnvironment(asked.envId, await services.directory.environmentIds()) }
  return { answer: await asked.carryOut(services, environment, request), environment }
}

function failed(error: unknown, request: FastifyRequest, services: DoorServices): Answer {
  const fault = error instanceof Error ? error.message : String(error)
  tell(request, { fault })
  if (error instanceof LedgerUnavailable) {
    return {
      status: 503,
      code: 'LEDGER_UNAVAILABLE',
      text: {
        zh: '数据库暂不可用，结果未知；请先查询，再重试',
        en: 'the database is away and the outcome is not known; ask for the state, then try again',
      },
    }
  }
  services.notice('internal error', {
    id: request.id,
    stack: error instanceof Error ? error.stack : undefined,
  })
  return {
    status: 500,
    code: 'INTERNAL',
    text: { zh: '服务内部错误，请查看服务日志', en: 'internal error, see the server log' },
  }
}

export function sandboxDoor(http: FastifyInstance, services: DoorServices, rules: VisitorRules): void {
  for (const its of controls) {
    const { method, name } = its
    http.route({
      method,
      url: `/sandbox/${name}`,
      ...atDoor('sandbox'),
      handler: async (request, reply) => {
        tell(request, { method: name })
        const turned = turnAway(request, rules)
        if (turned !== undefined) return send(reply, request, { ...turned, code: 'TURNED_AWAY' }, undefined)
        try {
          const read = method === 'GET' ? { json: request.query } : readJson(request)
          if ('status' in read) return send(reply, request, read, undefined)
          const { answer, environment } = await carryOut(services, its, read.json, request)
          if (environment !== undefined) tell(request, { envId: environment.envId })
          return send(reply, request, answer, environment?.language)
        } catch (error) {
          return send(reply, request, failed(error, request, services), undefined)
        }
      },
    })
  }
}
