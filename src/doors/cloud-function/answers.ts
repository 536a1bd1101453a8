/**
 * The SDK's two channels. The content type alone tells them apart, by exact match, and the status must be 200: any
 * other drops the body (observed: wx-server-sdk 2.6.3 to 4.0.2).
 */
import type { FastifyReply } from 'fastify'
import type { WireAnswer } from '../../protocol/answer.ts'

/** Exactly this string is the error channel. */
const errorChannel = 'application/json; charset=utf-8'
/** Any other is the data channel; this one no framework decorates. */
const dataChannel = 'application/octet-stream'

type DoorErrorCode =
  | 'INVALID_PARAM'
  | 'SIGN_PARAM_INVALID'
  /** Of `cloud.callFunction`: nobody hosts the function (−504001), or it failed (−504002). */
  | 'FUNCTIONS_REQUEST_FAIL'
  | 'FUNCTIONS_EXECUTE_FAIL'

/**
 * An error as the SDK rejects with it. `code`: a name it maps (INVALID_PARAM → −501007; unknown ones → −501001).
 * `errcode`: given to the caller as it is. Never both.
 */
export type DoorError =
  | { readonly code: DoorErrorCode; readonly message: string }
  | { readonly errcode: -604100 | -601012 | -604103; readonly errmsg: string }

export const invalid = (message: string): { refused: DoorError } => ({
  refused: { code: 'INVALID_PARAM', message },
})

/** The caller sees nothing but the text: it ends with the id that our log has. */
export const sendError = (reply: FastifyReply, error: DoorError, id: string) => {
  const body =
    'code' in error
      ? { code: error.code, message: `${error.message} [id ${id}]`, requestId: id }
      : { errcode: error.errcode, errmsg: `${error.errmsg} [id ${id}]` }
  return reply.code(200).header('content-type', errorChannel).send(JSON.stringify(body))
}

export const sendAnswer = (reply: FastifyReply, answer: WireAnswer) =>
  reply
    .code(200)
    .header('content-type', dataChannel)
    .send(Buffer.from(JSON.stringify(answer)))

/** What a called function returned: its text inside the answer is JSON of its own. */
export const sendResult = (reply: FastifyReply, result: unknown, id: string) =>
  reply
    .code(200)
    .header('content-type', errorChannel)
    .send(JSON.stringify({ data: { response_data: JSON.stringify(result ?? null) }, requestId: id }))
