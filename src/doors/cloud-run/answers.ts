/**
 * The envelope of the Cloud Run door: always HTTP 200 and JSON. `errcode` 0: the call reached the pay service, and
 * what came of it is inside `respdata`, `err_code` included. Any other: it did not.
 */
import type { FastifyReply } from 'fastify'
import type { WireAnswer } from '../../protocol/answer.ts'

/** Of the general WeChat table, as far as they are known of this interface. */
export const faults = {
  busy: -1,
  invalidArguments: 40097,
  needsPost: 43002,
  contentType: 45105,
  notJson: 47001,
  unauthorised: 48001,
  noSuchApi: -604100,
} as const

export interface GatewayFault {
  readonly errcode: (typeof faults)[keyof typeof faults]
  readonly errmsg: string
}

/** Shows a caller that the gateway handled the call; it is the id that our log has. */
const idHeader = 'x-openapi-seqid'

const send = (reply: FastifyReply, id: string, body: object) =>
  reply
    .code(200)
    .header('content-type', 'application/json; charset=utf-8')
    .header(idHeader, id)
    .send(JSON.stringify(body))

/** 45105 has the words that the real one was recorded with; every other text ends with the id. */
export const sendFault = (reply: FastifyReply, { errcode, errmsg }: GatewayFault, id: string) =>
  send(reply, id, {
    errcode,
    errmsg: errcode === faults.contentType ? errmsg : `${errmsg} [id ${id}]`,
  })

export const sendAnswer = (reply: FastifyReply, answer: WireAnswer, id: string) =>
  send(reply, id, { errcode: 0, errmsg: 'ok', respdata: answer })
