/** `GET /api/environments`, `GET /api/connect`: which tenants there are, and how an SDK reaches one. */
import type { Environment } from '../../ledger/environments.ts'
import { connectAnswer, environmentsAnswer, noQuestions } from '../../protocol/api/environments.ts'
import { problem } from '../../protocol/api/problem.ts'
import type { Demo } from '../door-services.ts'
import { route, serverRoute, shown } from './route.ts'

/** Keys that everybody knows may be shown; no other ever is. */
const isDemo = ({ secretId, secretKey, provider }: Environment, demo: Demo) =>
  secretId === demo.secretId && secretKey === demo.secretKey && provider.apiKey === demo.provider.apiKey

export const listTheEnvironments = serverRoute({
  method: 'GET',
  path: '/api/environments',
  name: 'listEnvironments',
  about: 'Which environments the server has, and its version.',
  schema: noQuestions,
  answers: { 200: environmentsAnswer },
  async carryOut({ directory, version, command, demo }) {
    const environments = await Promise.all(
      (await directory.environmentIds()).map((envId) => directory.environment(envId)),
    )
    return {
      status: 200,
      body: shown(environmentsAnswer, {
        version,
        command,
        environments: environments
          .filter((environment) => environment !== undefined)
          .map((environment) => ({
            env_id: environment.envId,
            channel: environment.channel,
            rules: environment.profile,
            language: environment.language,
            clock: environment.clock,
            late_payments: environment.latePayments,
            demo: isDemo(environment, demo),
          })),
      }),
    }
  },
})

export const showHowToConnect = route({
  method: 'GET',
  path: '/api/connect',
  name: 'connect',
  about: 'What an SDK needs to reach an environment. Keys are shown of the demo alone.',
  schema: noQuestions,
  answers: { 200: connectAnswer, 400: problem },
  async carryOut({ demo, directory }, environment) {
    const { envId, secretId, secretKey, provider, subAppid, defaultOpenid, doorToken } = environment
    const known = isDemo(environment, demo)
    const merchants = await directory.listedMerchants(envId)
    const listed = known ? merchants.find((one) => one.subMchId === demo.subMchId) : undefined
    const [first] = listed === undefined ? merchants : [listed]
    return {
      status: 200,
      body: shown(connectAnswer, {
        env_id: envId,
        demo: known,
        secret_id: secretId,
        secret_key: known ? secretKey : undefined,
        appid: provider.appid,
        mch_id: provider.mchId,
        v2_key: known ? provider.apiKey : undefined,
        sub_appid: first?.subAppid ?? subAppid,
        sub_mch_id: first?.subMchId ?? (known ? demo.subMchId : undefined),
        merchants: merchants.map((one) => ({
          sub_mch_id: one.subMchId,
          sub_appid: one.subAppid ?? subAppid,
        })),
        default_openid: defaultOpenid,
        door_token: doorToken !== undefined,
      }),
    }
  },
})
