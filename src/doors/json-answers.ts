/**
 * What doors that speak JSON to people and programs of ours share: reading a body, the form of an answer, and what is said
 * when an environment is unknown or something went wrong.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LedgerUnavailable } from '../ledger/db/db.ts'
import { type Environment, keepsBodies } from '../ledger/environments.ts'
import { quoted } from '../protocol/cloud-function/refusal.ts'
import type { Language, Text } from '../protocol/text.ts'
import type { DoorServices } from './door-services.ts'
import { bodyOf, tell } from './http.ts'
import { keptText } from './kept-texts.ts'
import type { Answer } from './sandbox/answer.ts'

const jsonType = 'application/json; charset=utf-8'

/** Of whoever asks, where the request says so: a console, a command line. */
export function languageOf({ headers }: FastifyRequest): Language | undefined {
  const first = headers['accept-language']?.slice(0, 2).toLowerCase()
  return first === 'zh' || first === 'en' ? first : undefined
}

/** @param keptOf whose log keeps the answer, where it does */
export function send(
  reply: FastifyReply,
  request: FastifyRequest,
  answer: Answer,
  language: 'zh' | 'en' | undefined,
  keptOf?: Environment,
) {
  const theirs = languageOf(request) ?? language
  let body = {}
  if (answer.status === 200) {
    body = answer.body
    const { outcome = answer.body.outcome } = answer
    tell(request, { outcome: typeof outcome === 'string' ? outcome : 'ok' })
  } else {
    const { code, more, text } = answer
    // Before an environment is known nobody's language is.
    const message = theirs === undefined ? `${text.zh} / ${text.en}` : text[theirs]
    body = { ...more, error: { code, message, id: request.id } }
    tell(request, { outcome: code, why: message })
  }
  if (keptOf !== undefined) tell(request, { answer: keptText(keptOf, body) })
  return reply
    .code(answer.status)
    .header('content-type', jsonType)
    .send(`${JSON.stringify(body)}\n`)
}

/**
 * Before anything is done: what comes of it may be heard of by nobody. Who only looks asks for what he sees.
 * @returns whose log keeps the answer as well; undefined: nobody's
 */
export function keepAsked(
  request: FastifyRequest,
  environment: Environment,
  json: unknown,
): Environment | undefined {
  tell(request, { envId: environment.envId })
  if (request.method === 'GET' || !keepsBodies(environment)) return undefined
  tell(request, { body: keptText(environment, json) })
  return environment
}

/** As the other doors have it. */
const mostLevels = 16

const tooDeep: Answer = {
  status: 400,
  code: 'TOO_DEEP',
  text: {
    zh: `请求体嵌套超过 ${mostLevels} 层`,
    en: `the body is nested more than ${mostLevels} levels deep`,
  },
}

const isDeeperThan = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1)))

export function readJson(request: FastifyRequest): { json: unknown } | Answer {
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
    const json: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(body ?? Buffer.alloc(0)),
    )
    return isDeeperThan(json, mostLevels) ? tooDeep : { json }
  } catch {
    return {
      status: 400,
      code: 'NOT_JSON',
      text: { zh: '请求体不是合法的 UTF-8 JSON', en: 'the body is not valid JSON in UTF-8' },
    }
  }
}

export const invalid = (text: Text): Answer => ({ status: 400, code: 'INVALID', text })

/** Whoever may see this may see the controls, and so the names. @param asked left out: several, and none goes without saying */
export function noEnvironment(asked: string | undefined, all: readonly string[]): Answer {
  const there = all.slice(0, 5).join(', ')
  if (asked === undefined)
    return {
      status: 404,
      code: 'ENV_NOT_FOUND',
      text: {
        zh: `有多个环境，请用 env_id 指明一个：${there}`,
        en: `there are several environments; name one by env_id: ${there}`,
      },
    }
  return {
    status: 404,
    code: 'ENV_NOT_FOUND',
    text: {
      zh: `没有环境 ${quoted(asked)}；请用 env_id 指明环境，现有：${there}`,
      en: `there is no environment ${quoted(asked)}; name one by env_id: ${there}`,
    },
  }
}

export function failed(error: unknown, request: FastifyRequest, services: DoorServices): Answer {
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
