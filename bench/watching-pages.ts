/**
 * Pages of the console that watch, in a process of their own: `watching-pages.js <origin> <how many>`. Each hears what changes
 * on a line of its own; every second one shows the callbacks or the calls, and asks for them again when it hears that there
 * are more, as the console does. Says `watching` when all hear, and what came of it when it is told to end.
 */
import { Agent, type IncomingMessage, request } from 'node:http'
import { constants, setPriority } from 'node:os'

export interface Watched {
  readonly heard: number
  readonly asked: number
  readonly failed: number
}

// They stand on people's own machines: here they take what the shop and its server leave of the processors.
setPriority(constants.priority.PRIORITY_LOW)

const [, , origin = '', many = ''] = process.argv
const atOnce = 50
const agent = new Agent({ keepAlive: true })
const shows = [undefined, 'callbacks', undefined, 'requests'] as const
const came = { heard: 0, asked: 0, failed: 0 }

const open = (path: string, by: Agent | false): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request(`${origin}${path}`, { agent: by }, resolve).on('error', reject).end()
  })

async function ask(what: 'callbacks' | 'requests'): Promise<void> {
  came.asked++
  const answer = await open(`/api/${what}?env_id=bench`, agent)
  if (answer.statusCode !== 200) came.failed++
  for await (const _ of answer);
}

function hear(event: string, what: (typeof shows)[number], page: { isWaiting: boolean }): void {
  if (!event.startsWith('event: changed')) return
  came.heard++
  const said = JSON.parse(event.slice(event.indexOf('data: ') + 'data: '.length))
  if (what === undefined || !said[what] || page.isWaiting) return
  page.isWaiting = true
  setTimeout(() => {
    page.isWaiting = false
    ask(what).catch(() => came.failed++)
  }, Math.random() * said.spread_ms)
}

async function watch(what: (typeof shows)[number]): Promise<void> {
  const events = await open('/api/events?env_id=bench', false)
  if (events.statusCode !== 200) throw new Error(`HTTP ${events.statusCode} in the place of events`)
  const page = { isWaiting: false }
  let text = ''
  events.setEncoding('utf8').on('error', () => came.failed++)
  events.on('data', (piece: string) => {
    text += piece
    const whole = text.split('\n\n')
    text = whole.pop() ?? ''
    for (const event of whole) hear(event, what, page)
  })
}

for (let at = 0; at < Number(many); at += atOnce)
  await Promise.all(
    Array.from({ length: Math.min(atOnce, Number(many) - at) }, (_, page) =>
      watch(shows[(at + page) % shows.length]),
    ),
  )
process.send?.('watching')
process.once('message', () => process.send?.(came satisfies Watched, () => process.exit()))
