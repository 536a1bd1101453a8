/** `/sandbox/faults`: the menu, and which faults are switched on. */
import { z } from 'zod'
import { faultEntry, faultNames } from '../../channels/sandbox/fault-menu.ts'
import { longestSpanMs } from '../../channels/sandbox/faults.ts'
import {
  addFault,
  type FaultRule,
  readFaults,
  removeFaults,
  type StoredFault,
} from '../../ledger/fault-rules.ts'
import { methodNames } from '../../protocol/catalogue-entry.ts'
import { quoted } from '../../protocol/cloud-function/refusal.ts'
import { duration } from '../../protocol/duration.ts'
import { fenSchema } from '../../protocol/fen.ts'
import { sub_mch_id, text } from '../../protocol/fields.ts'
import { brokenRule } from '../../protocol/format-problem.ts'
import type { Language } from '../../protocol/text.ts'
import { type Answer, env_id } from './answer.ts'
import { control, onlyEnvironment } from './control.ts'

const menuView = (language: Language) =>
  faultNames.map((name) => {
    const { strikes, does, report, spanMs, method } = faultEntry(name)
    return {
      fault: name,
      strikes,
      does: does[language],
      report: report[language],
      texts: { does, report },
      span_ms: spanMs,
      method,
    }
  })

const ruleView = ({ faultId, rule, timesLeft }: StoredFault) => ({
  id: faultId,
  fault: rule.fault,
  span_ms: rule.ms,
  method: rule.method,
  sub_mch_id: rule.subMchId,
  out_trade_no: rule.outTradeNo,
  total_fee: rule.totalFee,
  times_left: timesLeft,
})

export const showFaults = control({
  method: 'GET',
  name: 'faults',
  schema: onlyEnvironment,
  async carryOut({ ledger }, { envId, language }) {
    const on = await readFaults(ledger.db, envId)
    return { status: 200, body: { env_id: envId, on: on.map(ruleView), menu: menuView(language) } }
  },
})

/** An order's number, or the beginning of one and `*`. */
const outTradeNo = text(33).refine(
  (value) => /^[0-9A-Za-z_\-|*@]+$/.test(value),
  brokenRule(
    '只能含数字、字母和 _-|*@，可以 * 结尾',
    'may hold digits, letters and _-|*@ only, and end in *',
  ),
)

const switchOn = {
  on: z.enum(faultNames).optional(),
  span: duration.refine((ms) => ms <= longestSpanMs, brokenRule('最长 1h', 'must be 1h at most')).optional(),
  times: z.number().int().min(1).max(1_000_000).optional(),
  method: z.enum(methodNames).optional(),
  sub_mch_id: sub_mch_id.optional(),
  out_trade_no: outTradeNo.optional(),
  total_fee: fenSchema.optional(),
}

const schema = z
  .strictObject({ env_id, ...switchOn, off: text(32).optional() })
  .refine(
    ({ on, off }) => (on === undefined) !== (off === undefined),
    brokenRule(
      '应为 {"on": <故障名>, …}，或 {"off": <故障名、id 或 "all">}',
      'must be {"on": <fault>, …}, or {"off": <fault, id or "all">}',
    ),
  )

const noSuchFault = (asked: string): Answer => ({
  status: 404,
  code: 'FAULT_NOT_FOUND',
  text: {
    zh: `没有名为或 id 为 ${quoted(asked)} 的故障；GET /sandbox/faults 列出全部`,
    en: `no fault has the name or id ${quoted(asked)}; GET /sandbox/faults lists them`,
  },
})

const takesNoSpan = (name: string): Answer => ({
  status: 400,
  code: 'INVALID',
  text: { zh: `故障 ${name} 没有 span`, en: `the fault ${name} takes no span` },
})

const isName = (asked: string) => faultNames.some((name) => name === asked)

/** Rules are looked at with every call. */
const mostRules = 200

const tooMany = {
  status: 409,
  code: 'TOO_MANY',
  text: {
    zh: `一个环境最多同时 ${mostRules} 条故障；请先关掉一些：{"off": "all"}`,
    en: `an environment has at most ${mostRules} faults at a time; switch some off first: {"off": "all"}`,
  },
} as const

export const switchFaults = control({
  method: 'POST',
  name: 'faults',
  schema,
  ofMany: true,
  async carryOut({ ledger, world, faults }, { envId }, asked) {
    if (asked.on === undefined) {
      const { off: which = 'all' } = asked
      const off = await removeFaults(ledger.db, envId, which === 'all' ? undefined : which)
      // One that is on the menu may well be off already.
      if (off === 0 && which !== 'all' && !isName(which)) return noSuchFault(which)
      faults.changed(envId)
      return { status: 200, body: { env_id: envId, switched_off: off } }
    }
    if (asked.span !== undefined && faultEntry(asked.on).spanMs === undefined) return takesNoSpan(asked.on)
    if ((await readFaults(ledger.db, envId)).length >= mostRules) return tooMany
    const rule: FaultRule = {
      fault: asked.on,
      ms: asked.span,
      method: asked.method,
      subMchId: asked.sub_mch_id,
      outTradeNo: asked.out_trade_no,
      totalFee: asked.total_fee,
    }
    const faultId = Buffer.from(world.randomBytes(5)).toString('hex')
    const fault = { faultId, rule, timesLeft: asked.times }
    await addFault(ledger.db, envId, fault, world.wallClock())
    faults.changed(envId)
    return { status: 200, body: { env_id: envId, switched_on: ruleView(fault) } }
  },
})
