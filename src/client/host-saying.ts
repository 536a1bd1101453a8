/**
 * Tells a server whom a host serves: at once, again and again while it lives, and that it is gone. Owns when; a server
 * that is away is told as soon as it is back.
 */
import { type HostSaying, hostSaysEveryMs } from '../protocol/function-host.ts'

/** What became of the last saying. `away`: nobody answers there. `refused`: the server does not want it. */
export type Heard =
  | { readonly state: 'told' }
  | { readonly state: 'away' }
  | { readonly state: 'refused'; readonly status: number; readonly why: string }

export interface HostSayings {
  /** Says what holds now. @returns once the server has heard it, or has not listened */
  say(): Promise<void>
  /** Says that the host is gone, and no more. @returns once the server has heard it, or will not */
  gone(): Promise<void>
}

interface SetUp {
  /** Of the server, as `serverOrigin` gives it. */
  readonly origin: string
  /** The administrator's, where the server asks for one. */
  readonly adminToken?: string | undefined
  /** What holds now. */
  readonly saying: () => HostSaying
  /** Hears whenever the server hears otherwise than before: not each time. */
  readonly changed: (heard: Heard) => void
  readonly everyMs?: number
}

const answerWithinMs = 3_000
/** Of a text that is no JSON of ours. */
const maxWhy = 300

/** The text of a refusal as the sandbox's doors give it, or the beginning of whatever else answered. */
function whyOf(text: string): string {
  try {
    const { error }: { error?: { message?: unknown } } = JSON.parse(text)
    if (typeof error?.message === 'string') return error.message
  } catch {
    // Another program's page.
  }
  return text.trim().slice(0, maxWhy)
}

async function post({ origin, adminToken }: SetUp, body: HostSaying): Promise<Heard> {
  try {
    const response = await fetch(`${origin}/sandbox/hosts`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(adminToken === undefined ? {} : { authorization: `Bearer ${adminToken}` }),
      },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(answerWithinMs),
    })
    const text = await response.text()
    return response.ok ? { state: 'told' } : { state: 'refused', status: response.status, why: whyOf(text) }
  } catch {
    return { state: 'away' }
  }
}

const asText = (heard: Heard) => JSON.stringify(heard)

export function keepSaying(setUp: SetUp): HostSayings {
  const { saying, changed, everyMs = hostSaysEveryMs } = setUp
  let last = ''
  let timer: NodeJS.Timeout | undefined
  let over = false
  /** One at a time: the server must not hear an older one last. */
  let talking: Promise<void> = Promise.resolve()

  async function talk(): Promise<void> {
    if (over) return
    const heard = await post(setUp, saying())
    if (over) return
    if (asText(heard) !== last) changed(heard)
    last = asText(heard)
    clearTimeout(timer)
    timer = setTimeout(say, everyMs)
  }

  function say(): Promise<void> {
    clearTimeout(timer)
    talking = talking.then(talk)
    return talking
  }

  return {
    say,
    async gone() {
      over = true
      clearTimeout(timer)
      await talking
      await post(setUp, { ...saying(), gone: true })
    },
  }
}
