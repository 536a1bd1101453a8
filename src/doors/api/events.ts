/** `GET /api/events`: what changes in an environment, as it does: server-sent events. */
import { change, eventsQuery } from '../../protocol/api/events.ts'
import { problem } from '../../protocol/api/problem.ts'
import type { Answer } from '../sandbox/answer.ts'
import { route } from './route.ts'
import { mostWatchers } from './watchers.ts'

const tooMany: Answer = {
  status: 503,
  code: 'TOO_MANY',
  text: {
    zh: `同时查看的页面已有 ${mostWatchers} 个，请稍后再试`,
    en: `${mostWatchers} pages are watching already; try again later`,
  },
}

export const watchTheEvents = route({
  method: 'GET',
  path: '/api/events',
  name: 'watch',
  about:
    'What changes, as it does: server-sent events named `changed`, the first of which says how things stand. One a second at most, and a comment every fifteen seconds.',
  schema: eventsQuery,
  streams: true,
  answers: { 200: change, 400: problem },
  async carryOut({ watchers }, environment, _asked, { response }) {
    return (await watchers.watch(environment, response)) ? 'streams' : tooMany
  },
})
