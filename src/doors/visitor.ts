/**
 * Who may knock at a door that carries no signature: the request must be meant for this server (Host), must not come
 * from somebody else's page (Origin; of its pictures and scripts, which send none, Sec-Fetch-Site), and must name the administrator's token where there is one. On loopback this is
 * what stands between a developer's browser and the sandbox (DNS rebinding, cross-site requests).
 */
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { isSameSecret } from '../protocol/same-secret.ts'
import type { Text } from '../protocol/text.ts'

export interface VisitorRules {
  /** Names, lower case, that may stand in Host besides IP addresses and localhost. */
  readonly hosts: readonly string[]
  readonly adminToken: string | undefined
}

export interface Turned {
  readonly status: 401 | 403
  readonly text: Text
}

/** Host without its port; brackets of IPv6 taken off. */
const nameOf = (host: string) =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')

/** An address cannot be rebound, only a name can. */
const isOurs = (host: string, rules: VisitorRules) => {
  const name = nameOf(host)
  return isIP(name) !== 0 || name === 'localhost' || rules.hosts.includes(name)
}

/** A link may lead here from anywhere; a picture, a script or a frame of another site's page may not. */
function isPartOfOtherPage({ headers }: FastifyRequest): boolean {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest = 'document' } = headers
  return (site === 'cross-site' || site === 'same-site') && !(mode === 'navigate' && dest === 'document')
}

export function turnAway(request: FastifyRequest, rules: VisitorRules): Turned | undefined {
  const host = request.headers.host ?? ''
  if (!isOurs(host, rules)) {
    return {
      status: 403,
      text: {
        zh: '请求头 Host 不是本服务的地址；请用 IP 地址或 localhost 访问，或用 --allow-host 加入该主机名',
        en: 'the Host header does not name this server; use an IP address or localhost, or add the name with --allow-host',
      },
    }
  }
  const { origin } = request.headers
  const isForeign = origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`
  if (isForeign || isPartOfOtherPage(request)) {
    return {
      status: 403,
      text: {
        zh: '请求来自其他网站的页面（Origin 不符），已拒绝；请直接调用，或从本服务的页面调用',
        en: "the request comes from another site's page (Origin); call directly, or from a page of this server",
      },
    }
  }
  if (rules.adminToken === undefined) return undefined
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  if (isSameSecret(given, rules.adminToken)) return undefined
  return {
    status: 401,
    text: {
      zh: '需要管理员令牌：请求头 Authorization: Bearer <CLOUDPAY_ADMIN_TOKEN>',
      en: 'an administrator token is needed: Authorization: Bearer <CLOUDPAY_ADMIN_TOKEN>',
    },
  }
}
