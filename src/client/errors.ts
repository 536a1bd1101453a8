/** What a call can fail with. Whatever else can come of one is a value that it returns. Never: a token, or the text of one. */

/** The server answered, and does not do it: who asks, or how it was asked, is not right. Repeating changes nothing. */
export class CloudPayRefused extends Error {
  override readonly name = 'CloudPayRefused'
  /** Of HTTP. */
  readonly status: number
  /** One of a fixed set, such as `TURNED_AWAY`, `INVALID`, `ENV_NOT_FOUND`. */
  readonly code: string
  /** Of the call, in the server's log. */
  readonly id: string

  constructor(status: number, code: string, message: string, id: string) {
    super(message)
    this.status = status
    this.code = code
    this.id = id
  }
}

/**
 * `unreachable`: nobody listens there, or the line broke. `time-out`: no answer in time. `unavailable`: the server could
 * not say, its database is away. `failed`: something went wrong in it. `unreadable`: what answered speaks otherwise; another program, or another version.
 */
export type Unanswered = 'unreachable' | 'time-out' | 'unavailable' | 'failed' | 'unreadable'

/** Nothing is known: done, or not done. The same call is safe, and finds out. */
export class CloudPayUnanswered extends Error {
  override readonly name = 'CloudPayUnanswered'
  readonly why: Unanswered

  constructor(why: Unanswered, message: string, options?: ErrorOptions) {
    super(message, options)
    this.why = why
  }
}
