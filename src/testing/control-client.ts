/** The sandbox's controls over HTTP, as a test speaks to them: JSON in, JSON out, a refusal is an error with its text. */

export type Json = Readonly<Record<string, unknown>>

/** A control refused what it was asked: its text says why, and what to do. */
export class SandboxRefused extends Error {
  override readonly name = 'SandboxRefused'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export interface ControlClient {
  get(name: string, query?: Readonly<Record<string, string | undefined>>): Promise<Json>
  /** @param faults of this very call: the header `x-cloudpay-fault` */
  post(name: string, body: object, faults?: string): Promise<Json>
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null

async function answerOf(response: Response): Promise<Json> {
  const json: unknown = await response.json()
  if (!isObject(json)) throw new SandboxRefused('ANSWER', `HTTP ${response.status}`)
  if (response.ok) return json
  const { code, message } = isObject(json.error) ? json.error : { code: '', message: '' }
  throw new SandboxRefused(String(code), String(message))
}

const reach = (address: string, request: RequestInit = {}) =>
  fetch(address, request).catch((cause: unknown) => {
    throw new Error('the sandbox does not answer: was it stopped?', { cause })
  })

/** @param url of the server; @param envId whose sandbox */
export const controlClient = (url: string, envId: string): ControlClient => ({
  async get(name, query = {}) {
    const given = Object.entries({ env_id: envId, ...query }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    )
    return answerOf(await reach(`${url}/sandbox/${name}?${new URLSearchParams(given)}`))
  },
  async post(name, body, faults) {
    const response = await reach(`${url}/sandbox/${name}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(faults === undefined ? {} : { 'x-cloudpay-fault': faults }),
      },
      body: JSON.stringify({ env_id: envId, ...body }),
    })
    return answerOf(response)
  },
})
