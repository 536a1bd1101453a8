/**
 * The reference pages that are made from code: errors, the points where documents and observation differ, and the menu of
 * faults, one page a language each. Owns their layout; every word of content comes from the tables in the code.
 */

/** @typedef {'zh' | 'en'} Language */
/** @typedef {import('../src/protocol/catalogue-entry.ts').CatalogueEntry} Entry */
/** @typedef {import('../src/protocol/rule-profiles.ts').RulePoint} RulePoint */
/** @typedef {import('../src/protocol/rule-profiles.ts').Basis} Basis */
/** @typedef {import('../src/channels/sandbox/fault-menu.ts').FaultEntry} Fault */
/**
 * @typedef {object} Contract
 * @property {Readonly<Record<string, Entry>>} catalogue
 * @property {Readonly<Record<string, RulePoint>>} rulePoints
 * @property {Readonly<Record<string, Fault>>} faultMenu
 */

const words = {
  zh: {
    generated:
      '本页由 `npm run docs` 从错误目录（`src/protocol/catalogue.ts`）与规则表（`src/protocol/rule-profiles.ts`）生成，请勿手改。',
    none: '（无）',
    v2: '仅 v2 接口',
    errorsTitle: '错误',
    errorsIntro:
      '官方 SDK 不把 `err_code` 交给调用方，因此 `err_code_des`（SDK 中为 `errCodeDes`）单独就能读懂。`observed` 一列是真实服务被记录到的原文；没有原文时与 `documented` 相同。哪些回答依据文档、哪些依据观察，见[规则对照](parity.zh-CN.md)。',
    errorHeads: ['err_code', '层', '原因', '处理', '真实原文（observed）', '来源'],
    parityTitle: '规则对照',
    parityIntro:
      '文档与真实服务被记录到的行为在若干点上不同，或常被误解。环境的 `profile` 选择其中一列，默认为 `documented`。每个回答都注明依据；错误的全文与处理见[错误](errors.zh-CN.md)。',
    bases: {
      documents: ['文档', '官方页面这样写'],
      observation: ['观察', '真实服务被记录到、或用户报告它这样回答'],
      judgement: ['自行判断', '两者都没有说，由本项目决定'],
    },
    pointsTitle: '两套规则',
    pointHeads: ['情形', 'documented', '依据', 'observed', '依据', '来源'],
    refusalsTitle: '拒绝的依据',
    refusalsIntro:
      '每一种拒绝本身依据什么，以及 `observed` 下的文字：有记录的逐字照录；未见原文而由错误列表推断的另行标明；其余与 `documented` 一样由本项目撰写，并附上处理方法。',
    refusalHeads: ['err_code', '原因', '依据', 'observed 的文字', '来源'],
    verbatim: '原文照录',
    inferred: '推断',
    ours: '本项目撰写',
    colon: '：',
    faultsTitle: '故障',
    faultsGenerated: '本页由 `npm run docs` 从故障表（`src/channels/sandbox/fault-menu.ts`）生成，请勿手改。',
    faultsIntro: `沙箱可以按需出故障，每一种都在真实环境里发生过。四种用法：

- **只对一次调用**：请求头 \`x-cloudpay-fault: slow=5s, bad-signature\`（名称用逗号分隔，时长可省略）。支付方法接受全部故障；\`/sandbox/pay\` 与 \`/sandbox/request-payment\` 接受回调的故障，这类故障也可以写在下单或退款的请求上。
- **按金额**：\`{"on":"answer-lost","total_fee":1313}\`，金额为 1313 分的订单，每次调用都遇到它。
- **按订单**：\`{"on":"close-without-effect","out_trade_no":"TEA-0007"}\`，以 \`*\` 结尾匹配开头相同的订单号；\`sub_mch_id\`、\`method\` 也可以限定。
- **直到关闭**：\`{"on":"systemerror-before"}\`；加 \`"times":3\` 则只发生三次。

\`\`\`sh
curl http://127.0.0.1:8688/sandbox/faults -H 'content-type: application/json' -d '{"on":"answer-lost","method":"unifiedOrder","times":1}'
curl http://127.0.0.1:8688/sandbox/faults -H 'content-type: application/json' -d '{"off":"all"}'     # 或故障名、id
curl http://127.0.0.1:8688/sandbox/faults                                                            # 已打开的，以及本表
\`\`\`

\`span\` 是时长，如 \`"span":"5s"\`，最长 1 小时。在测试里：\`await sandbox.faults.on('answer-lost', { times: 1 })\`，见[测试指南](testing.zh-CN.md)。其他网关最多一秒后得知变动。`,
    faultHeads: ['名称', '发生什么', '真实来源', '时长'],
    struck: {
      call: '支付方法的调用',
      callback: '付款与退款的回调',
      refund: '退款的结果',
      payment: '付款',
    },
    onlyMethod: '仅',
  },
  en: {
    generated:
      'This page is made by `npm run docs` from the error catalogue (`src/protocol/catalogue.ts`) and the rule table (`src/protocol/rule-profiles.ts`); do not edit it.',
    none: '(none)',
    v2: 'v2 interface only',
    errorsTitle: 'Errors',
    errorsIntro:
      "The official SDK does not hand `err_code` to its caller, so `err_code_des` (`errCodeDes` in the SDK) can be understood alone. The column `observed` has the real service's text where one was recorded; elsewhere it is that of `documented`. Which answers follow documents and which observation: [parity](parity.md).",
    errorHeads: ['err_code', 'layer', 'cause', 'what to do', 'recorded text (observed)', 'source'],
    parityTitle: 'Parity with the real service',
    parityIntro:
      'Documentation and the recorded behaviour of the real service differ, or are often misunderstood, at some points. The `profile` of an environment picks a column; `documented` unless it says otherwise. Every answer names what it follows; the errors in full, with what to do: [errors](errors.md).',
    bases: {
      documents: ['documents', 'the official pages say so'],
      observation: ['observation', 'the real service was recorded, or is reported by users, to answer so'],
      judgement: ['our judgement', 'neither says anything; this project decided'],
    },
    pointsTitle: 'Two rule profiles',
    pointHeads: ['situation', 'documented', 'follows', 'observed', 'follows', 'source'],
    refusalsTitle: 'What refusals follow',
    refusalsIntro:
      'What each refusal itself follows, and its text under `observed`: verbatim where one was recorded, inferred where only the error lists name it; all others, and those of `documented`, are written by this project and say what to do.',
    refusalHeads: ['err_code', 'cause', 'follows', 'text of observed', 'source'],
    verbatim: 'verbatim',
    inferred: 'inferred',
    ours: 'our own',
    colon: ': ',
    faultsTitle: 'Faults',
    faultsGenerated:
      'This page is made by `npm run docs` from the menu (`src/channels/sandbox/fault-menu.ts`); do not edit it.',
    faultsIntro: `The sandbox breaks on request, in ways that the real world was seen to break. There are four ways to ask:

- **For one call**: the header \`x-cloudpay-fault: slow=5s, bad-signature\` (names, separated by commas; the span may be left out). Pay methods take all of them; \`/sandbox/pay\` and \`/sandbox/request-payment\` take those of payments and callbacks, which may also be asked for with the order or the refund.
- **By amount**: \`{"on":"answer-lost","total_fee":1313}\`, and every call for an order of 1313 fen meets it.
- **By order**: \`{"on":"close-without-effect","out_trade_no":"TEA-0007"}\`; a \`*\` at the end takes all numbers that begin so. \`sub_mch_id\` and \`method\` narrow it as well.
- **Until switched off**: \`{"on":"systemerror-before"}\`; with \`"times":3\` it strikes three times.

\`\`\`sh
curl http://127.0.0.1:8688/sandbox/faults -H 'content-type: application/json' -d '{"on":"answer-lost","method":"unifiedOrder","times":1}'
curl http://127.0.0.1:8688/sandbox/faults -H 'content-type: application/json' -d '{"off":"all"}'     # or a name, or an id
curl http://127.0.0.1:8688/sandbox/faults                                                            # what is on, and this list
\`\`\`

\`span\` is a time, such as \`"span":"5s"\`, an hour at most. In a test: \`await sandbox.faults.on('answer-lost', { times: 1 })\`, see [testing](testing.md). Other gateways hear of a change within a second.`,
    faultHeads: ['name', 'what happens', 'where it was met', 'span'],
    struck: {
      call: 'Calls of pay methods',
      callback: 'Callbacks of payments and refunds',
      refund: 'What comes of a refund',
      payment: 'Payments',
    },
    onlyMethod: 'only',
  },
}

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|')

/** @param {readonly string[]} heads @param {readonly (readonly string[])[]} rows */
const table = (heads, rows) =>
  [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

/** @param {Entry} entry @param {Language} language */
const recordedTexts = ({ recorded, inferred }, language) =>
  Object.entries(recorded ?? {})
    .map(([method, text]) => (method === 'any' ? text : `${method}: ${text}`))
    .map((text) => (inferred === true ? `${text} (${words[language].inferred})` : text))
    .join('; ')

/** @param {Entry} entry @param {Language} language */
const codeOf = ({ errCode, doors }, language) => {
  const say = words[language]
  return errCode === undefined ? say.none : `\`${errCode}\`${doors === 'v2' ? ` (${say.v2})` : ''}`
}

/** @param {Language} language @param {readonly Basis[]} follows */
const followed = (language, follows) => follows.map((basis) => words[language].bases[basis][0]).join(' + ')

/** What stands in `err_code_des` or `return_msg` under `observed`. @param {Entry} entry @param {Language} language */
const textOf = ({ recorded, inferred }, language) => {
  const say = words[language]
  if (recorded === undefined) return say.ours
  return inferred === true ? say.inferred : say.verbatim
}

/** @param {Language} language @param {Contract} contract */
function errorsPage(language, { catalogue }) {
  const say = words[language]
  const errors = Object.values(catalogue).map((entry) => [
    codeOf(entry, language),
    `\`${entry.layer}\``,
    entry.cause[language],
    entry.remedy[language],
    recordedTexts(entry, language),
    entry.source,
  ])
  return `# ${say.errorsTitle}

${say.generated}

${say.errorsIntro}

${table(say.errorHeads, errors)}
`
}

/** @param {Language} language @param {Contract} contract */
function parityPage(language, { catalogue, rulePoints }) {
  const say = words[language]
  const kinds = Object.values(say.bases).map(([name, meaning]) => `- **${name}**${say.colon}${meaning}`)
  const points = Object.values(rulePoints).map(({ about, answers, source }) => [
    about[language],
    answers.documented.text[language],
    followed(language, answers.documented.follows),
    answers.observed.text[language],
    followed(language, answers.observed.follows),
    source[language],
  ])
  const refusals = Object.values(catalogue).map((entry) => [
    codeOf(entry, language),
    entry.cause[language],
    followed(language, entry.follows),
    textOf(entry, language),
    entry.source,
  ])
  return `# ${say.parityTitle}

${say.generated}

${say.parityIntro}

${kinds.join('\n')}

## ${say.pointsTitle}

${table(say.pointHeads, points)}

## ${say.refusalsTitle}

${say.refusalsIntro}

${table(say.refusalHeads, refusals)}
`
}

/** A span as the controls take it: whole seconds. @param {number | undefined} ms */
function spanText(ms) {
  if (ms === undefined) return ''
  const seconds = ms / 1_000
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`
}

/** @param {Language} language @param {Contract} contract */
function faultsPage(language, { faultMenu }) {
  const say = words[language]
  const sections = Object.entries(say.struck).map(([struck, title]) => {
    const rows = Object.entries(faultMenu)
      .filter(([, { strikes }]) => strikes === struck)
      .map(([name, { does, report, spanMs, method }]) => [
        `\`${name}\`${method === undefined ? '' : ` (${say.onlyMethod} \`${method}\`)`}`,
        does[language],
        report[language],
        spanText(spanMs),
      ])
    return `## ${title}\n\n${table(say.faultHeads, rows)}\n`
  })
  return `# ${say.faultsTitle}

${say.faultsGenerated}

${say.faultsIntro}

${sections.join('\n')}`
}

/**
 * All generated pages, with where they lie from the root.
 * @param {Contract} contract
 */
export const referencePages = (contract) => [
  { path: 'docs/errors.zh-CN.md', text: errorsPage('zh', contract) },
  { path: 'docs/errors.md', text: errorsPage('en', contract) },
  { path: 'docs/parity.zh-CN.md', text: parityPage('zh', contract) },
  { path: 'docs/parity.md', text: parityPage('en', contract) },
  { path: 'docs/faults.zh-CN.md', text: faultsPage('zh', contract) },
  { path: 'docs/faults.md', text: faultsPage('en', contract) },
]
