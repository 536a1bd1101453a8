/** `POST /sandbox/call-function`: calls a hosted function as a user of the mini program does, `wx.cloud.callFunction`. */
import { z } from 'zod'
import { cloudEnvOf } from '../../engine/invoke-function.ts'
import { demoOpenid } from '../../protocol/demo-merchant.ts'
import { text } from '../../protocol/fields.ts'
import { brokenRule } from '../../protocol/format-problem.ts'
import { functionLimitMs } from '../../protocol/function-host.ts'
import { isWritable } from '../../protocol/writable-json.ts'
import { env_id } from './answer.ts'
import { control } from './control.ts'

export const callTheFunction = control({
  method: 'POST',
  name: 'call-function',
  schema: z.strictObject({
    env_id,
    function_name: text(128),
    data: z
      .record(z.string(), z.unknown())
      .refine(isWritable, brokenRule('嵌套过深，无法交给函数', 'is nested too deep to be handed over'))
      .default({}),
    openid: text(128).optional(),
    appid: text(32).optional(),
    /** `cloud.getWXContext().ENV`. */
    cloud_env: text(128).optional(),
  }),
  async carryOut({ invoke, hosts }, environment, asked) {
    const { language, subAppid, defaultOpenid } = environment
    const invoked = await invoke(
      environment,
      {
        function_name: asked.function_name,
        event: asked.data,
        caller: {
          source: 'wx_client',
          env_id: asked.cloud_env ?? (await cloudEnvOf(hosts, environment, asked.function_name)),
          appid: asked.appid ?? subAppid,
          openid: asked.openid ?? defaultOpenid ?? demoOpenid,
        },
      },
      functionLimitMs,
    )
    if ('result' in invoked)
      return { status: 200, body: { errMsg: 'cloud.callFunction:ok', result: invoked.result ?? null } }
    const { code, text: why } = invoked.fault
    return {
      status: code === 'not-hosted' ? 404 : 502,
      code: code.toUpperCase().replaceAll('-', '_'),
      text: why,
      more: {
        errMsg: `cloud.callFunction:fail ${why[language]}`,
        ...(invoked.shown === undefined ? {} : { shown: invoked.shown.slice(0, 4_096) }),
      },
    }
  },
})
