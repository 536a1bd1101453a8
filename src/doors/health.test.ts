import Fastify from 'fastify'
import { expect, test } from 'vitest'
import type { Pace } from '../engine/engine.ts'
import { healthDoor } from './health.ts'

const readyz = async (answers: boolean, pace: Pace) => {
  const http = Fastify()
  const rows = answers ? () => Promise.resolve([]) : () => Promise.reject(new Error('away'))
  healthDoor(http, { rows } as unknown as Parameters<typeof healthDoor>[1], { pace: () => pace })
  const { statusCode, body } = await http.inject({ method: 'GET', url: '/readyz' })
  await http.close()
  return { status: statusCode, ...JSON.parse(body) }
}

test.each([
  ['all is well', true, { sinceLookMs: 900, dueAgeMs: 0 }, { status: 200, ready: true }],
  ['the database is away', false, { sinceLookMs: 900, dueAgeMs: 0 }, { status: 503, ready: false }],
  [
    'the engine has not looked for a minute',
    true,
    { sinceLookMs: 60_000, dueAgeMs: 0 },
    { status: 503, ready: false },
  ],
  [
    'there is more to close than can be closed in time',
    true,
    { sinceLookMs: 900, dueAgeMs: 75_400 },
    { status: 200, ready: true, degraded: 'engine-behind', behind_s: 75 },
  ],
])('/readyz when %s', async (_when, answers, pace, said) => {
  expect(await readyz(answers, pace)).toEqual(said)
})
