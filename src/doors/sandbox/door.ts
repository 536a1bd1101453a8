/**
 * `/sandbox/*`: the controls of a sandbox, JSON over POST. What a developer's own machine may do without a word, and
 * nobody else's page: see visitor.ts.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Environment } from '../../ledger/environments.ts'
import { clientOf, onRecord } from '../audit.ts'
import type { DoorServices } from '../door-services.ts'
import { environmentAsked, environmentMeant } from '../environment-asked.ts'
import { atDoor, tell } from '../http.ts'
import { failed, invalid, keepAsked, languageOf, noEnvironment, readJson, send } from '../json-answers.ts'
import { withMerchant } from '../merchant-asked.ts'
import { turnAway, type VisitorRules } from '../visitor.ts'
import type { Answer } from './answer.ts'
import { changeTheBalance, showBalance } from './balance.ts'
import { callTheFunction } from './call-function.ts'
import { listCallbacks, resendCallbacks } from './callbacks.ts'
import { readTheClock, setTheClock } from './clock.ts'
import type { Control } from './control.ts'
import { showFaults, switchFaults } from './faults.ts'
import { listHosts, saySo } from './hosts.ts'
import { payTheOrder } from './pay.ts'
import { addAPayer, showPayers } from './payers.ts'
import { settleTheRefund } from './refund.ts'
import { requestThePayment } from './request-payment.ts'

const controls: readonly Control[] = [
  payTheOrder,
  requestThePayment,
  setTheClock,
  readTheClock,
  listCallbacks,
  resendCallbacks,
  settleTheRefund,
  showBalance,
  changeTheBalance,
  showPayers,
  addAPayer,
  showFaults,
  switchFaults,
  saySo,
  listHosts,
  callTheFunction,
]

/** As the record of a call names them. */
export const controlNames: readonly string[] = [...new Set(controls.map(({ name }) => name))]

async function carryOut(
  services: DoorServices,
  control: Control,
  json: unknown,
  request: FastifyRequest,
): Promise<{ answer: Answer; environment?: Environment; keptOf?: Environment | undefined }> {
  const first = control.read(json)
  if ('problem' in first) {
    const meant = await environmentMeant(services.directory, json)
    const keptOf = meant?.channel === 'sandbox' ? keepAsked(request, meant, json) : undefined
    return { answer: invalid(first.problem), keptOf }
  }
  const found = await environmentAsked(services.directory, first.envId)
  if ('refusal' in found) return { answer: found.refusal }
  // Whoever asked reads what comes of it, in their language; what a shop is told stays in the environment's.
  const environment = { ...found.environment, language: languageOf(request) ?? found.environment.language }
  // Where money is real nobody pays, breaks or turns the clock from here: as if there were no such environment.
  if (environment.channel !== 'sandbox')
    return { answer: noEnvironment(environment.envId, await services.directory.environmentIds()) }
  const keptOf = keepAsked(request, environment, json)
  const whole = await withMerchant(services, environment, first, json)
  if ('refusal' in whole) return { answer: whole.refusal, environment, keptOf }
  const asked = control.read(whole.json)
  if ('problem' in asked) return { answer: invalid(asked.problem), environment, keptOf }
  const { subMchId, outTradeNo } = asked
  tell(request, { subMchId, outTradeNo })
  const work = () => asked.carryOut(services, environment, request)
  // Programs under test pay and turn the clock all day; what a person does by a page or a command is put on record.
  if (control.method === 'GET' || clientOf(request) === undefined)
    return { answer: await work(), environment, keptOf }
  const change = { action: control.name, envId: environment.envId, json: whole.json }
  return { answer: await onRecord(services, request, change, work), environment, keptOf }
}

export function sandboxDoor(http: FastifyInstance, services: DoorServices, rules: VisitorRules): void {
  for (const its of controls) {
    const { method, name } = its
    http.route({
      method,
      url: `/sandbox/${name}`,
      ...atDoor('sandbox'),
      handler: async (request, reply) => {
        // Whoever only looks, looks often.
        tell(request, { method: name, routine: method === 'GET' })
        const turned = turnAway(request, rules)
        if (turned !== undefined) return send(reply, request, { ...turned, code: 'TURNED_AWAY' }, undefined)
        try {
          const read = method === 'GET' ? { json: request.query } : readJson(request)
          if ('status' in read) return send(reply, request, read, undefined)
          const { answer, environment, keptOf } = await carryOut(services, its, read.json, request)
          return send(reply, request, answer, environment?.language, keptOf)
        } catch (error) {
          return send(reply, request, failed(error, request, services), undefined)
        }
      },
    })
  }
}
