/** `/sandbox/payers`: the customers of a sandbox. */
import { z } from 'zod'
import { addPayer, listPayers, mostPayers } from '../../ledger/payers.ts'
import { demoOpenid } from '../../protocol/demo-merchant.ts'
import { text } from '../../protocol/fields.ts'
import { brokenRule } from '../../protocol/format-problem.ts'
import { env_id } from './answer.ts'
import { control, onlyEnvironment } from './control.ts'

export const showPayers = control({
  method: 'GET',
  name: 'payers',
  schema: onlyEnvironment,
  async carryOut({ ledger }, { envId, defaultOpenid }) {
    const added = await listPayers(ledger.db, envId)
    return {
      status: 200,
      body: { env_id: envId, default_openid: defaultOpenid ?? demoOpenid, payers: added },
    }
  },
})

export const openid = text(128).refine(
  (value) => /^[0-9A-Za-z_-]+$/.test(value),
  brokenRule('只能含字母、数字和 _-', 'may hold letters, digits and _- only'),
)

/** 28 characters that begin with `o`, as real ones. */
const newOpenid = (bytes: Uint8Array) => `o${Buffer.from(bytes).toString('base64url').slice(0, 27)}`

export const addAPayer = control({
  method: 'POST',
  name: 'payers',
  schema: z.strictObject({ env_id, name: text(64).default(''), openid: openid.optional() }),
  async carryOut({ ledger, world }, { envId }, asked) {
    const payer = { name: asked.name, openid: asked.openid ?? newOpenid(world.randomBytes(21)) }
    if (await addPayer(ledger.db, envId, payer, world.wallClock()))
      return { status: 200, body: { env_id: envId, ...payer } }
    return {
      status: 409,
      code: 'TOO_MANY',
      text: {
        zh: `一个环境最多 ${mostPayers} 个付款人；任何 openid 不登记也能付款`,
        en: `an environment has at most ${mostPayers} payers; any openid pays without being listed`,
      },
    }
  },
})
