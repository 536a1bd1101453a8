/** How the v2 door speaks: XML, and HTTP 200 whatever happened. A failure is told from the XML alone. */
import type { FastifyReply } from 'fastify'
import type { WireAnswer } from '../../protocol/answer.ts'
import { flatFields } from '../../protocol/v2/flat-fields.ts'
import { writeXml } from '../../protocol/v2/xml.ts'

export const sendXml = (reply: FastifyReply, answer: WireAnswer) =>
  reply
    .code(200)
    .header('content-type', 'text/xml; charset=utf-8')
    .send(writeXml(flatFields(answer)))
