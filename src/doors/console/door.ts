/**
 * The console: one page for browsers at `/`, and its files under `/console/`. Whoever is no browser hears at `/` what the
 * signpost says. The page holds no secret, so it asks for no token: what it shows it asks the API for, which does.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { consolePages } from '../../protocol/console-pages.ts'
import { atDoor, tell } from '../http.ts'
import { turnAway, type VisitorRules } from '../visitor.ts'
import { type ConsoleFile, codingFor, readFiles } from './files.ts'

/** Own files and nothing else: no inline script, no inline style, no other server, in no other page. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

const safe = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const

/** Names of files change with their contents. */
const forGood = 'public, max-age=31536000, immutable'
const askAgain = 'no-cache'

function send(request: FastifyRequest, reply: FastifyReply, file: ConsoleFile, keep: string) {
  const coding = codingFor(file, request.headers['accept-encoding'])
  reply.headers({ ...safe, 'cache-control': keep, etag: file.etag, vary: 'Accept, Accept-Encoding' })
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send()
  const body = coding === undefined ? file.body : (file.compressed[coding] ?? file.body)
  return reply
    .headers({ 'content-type': file.type, ...(coding === undefined ? {} : { 'content-encoding': coding }) })
    .send(body)
}

/** @returns an answer to whoever is not meant to see this */
function refuse(request: FastifyRequest, reply: FastifyReply, rules: VisitorRules) {
  const turned = turnAway(request, { ...rules, adminToken: undefined })
  if (turned === undefined) return undefined
  tell(request, { outcome: 'TURNED_AWAY' })
  return reply
    .code(turned.status)
    .type('text/plain; charset=utf-8')
    .send(`${turned.text.zh}\n${turned.text.en}\n`)
}

/** What the signpost asks for `GET /` before it speaks itself. @returns undefined: not for a browser */
export type FrontPage = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined

const isBrowser = ({ headers }: FastifyRequest) => /\btext\/html\b/i.test(headers.accept ?? '')

/** @param folder of the built console; where it is not there, nobody gets a page */
export function consoleDoor(http: FastifyInstance, folder: string, rules: VisitorRules): FrontPage {
  const files = readFiles(folder)
  http.get('/console/*', atDoor('console'), async (request, reply) => {
    const turned = refuse(request, reply, rules)
    if (turned !== undefined) return turned
    const path = request.url.split('?', 1)[0]?.replace(/^\/console\//, '') ?? ''
    const file = path === 'index.html' ? undefined : files.get(path)
    if (file === undefined) return reply.callNotFound()
    return send(request, reply, file, forGood)
  })
  // Who types a page's name as a path means it: its address is behind `#`. Programs hear what they hear of any such path.
  for (const page of consolePages)
    for (const url of [`/${page}`, `/${page}/*`])
      http.get(url, async (request, reply) => {
        if (!files.has('index.html') || !isBrowser(request)) return reply.callNotFound()
        tell(request, { door: 'console' })
        return refuse(request, reply, rules) ?? reply.header('vary', 'Accept').redirect(`/#${request.url}`)
      })
  return (request, reply) => {
    const page = files.get('index.html')
    if (page === undefined || !isBrowser(request)) return undefined
    tell(request, { door: 'console' })
    return refuse(request, reply, rules) ?? send(request, reply, page, askAgain)
  }
}
