/** `/sandbox/hosts`: hosts of functions and containers say that they are there; lists those that are. */
import { sendToNewHost } from '../../engine/send-again.ts'
import { hostHoldsMs, hostSayingSchema } from '../../protocol/function-host.ts'
import { tell } from '../http.ts'
import { control, onlyEnvironment } from './control.ts'

/** Longer than any test. */
const lastingMs = 10 * 365 * 24 * 3_600_000

export const saySo = control({
  method: 'POST',
  name: 'hosts',
  schema: hostSayingSchema,
  async carryOut(services, environment, asked, request) {
    const { hosts, world, engine } = services
    const { envId } = environment
    if (asked.gone === true) {
      await hosts.gone(envId, asked.host_id)
      return { status: 200, body: { env_id: envId, host_id: asked.host_id, gone: true } }
    }
    const until = new Date(world.wallClock().getTime() + (asked.lasting === true ? lastingMs : hostHoldsMs))
    const isNew = await hosts.said(
      envId,
      {
        hostId: asked.host_id,
        kind: asked.kind,
        url: asked.url.replace(/\/$/, ''),
        token: asked.token,
        targetEnvId: asked.target_env_id,
        names: asked.names,
      },
      until,
    )
    if (isNew) {
      await sendToNewHost(services, environment)
      engine.nudge()
    } else tell(request, { routine: true })
    return { status: 200, body: { env_id: envId, host_id: asked.host_id, holds_ms: hostHoldsMs } }
  },
})

export const listHosts = control({
  method: 'GET',
  name: 'hosts',
  schema: onlyEnvironment,
  async carryOut({ hosts }, { envId, containers }) {
    const said = await hosts.list(envId)
    return {
      status: 200,
      body: {
        env_id: envId,
        hosts: said.map(({ hostId, kind, url, names, targetEnvId }) => ({
          host_id: hostId,
          kind,
          url,
          names,
          target_env_id: targetEnvId,
        })),
        containers,
      },
    }
  },
})
