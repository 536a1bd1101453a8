/**
 * The reference pages that are made from code: errors and rule points, one page a language. Owns their layout; every
 * word of content comes from the catalogue and the profile table.
 */

/** @typedef {'zh' | 'en'} Language */
/** @typedef {typeof import('../src/protocol/catalogue.ts').catalogue} Catalogue */
/** @typedef {typeof import('../src/protocol/rule-profiles.ts').rulePoints} RulePoints */
/** @typedef {import('../src/protocol/catalogue.ts').CatalogueEntry} Entry */

const words = {
  zh: {
    title: '错误与规则对照',
    generated:
      '本页由 `npm run docs` 从错误目录（`src/protocol/catalogue.ts`）与规则表（`src/protocol/rule-profiles.ts`）生成，请勿手改。',
    errors: '错误',
    errorsIntro:
      '官方 SDK 不把 `err_code` 交给调用方，因此 `err_code_des`（SDK 中为 `errCodeDes`）单独就能读懂。`observed` 一列是真实服务被记录到的原文；没有原文时与 `documented` 相同。',
    errorHeads: ['err_code', '层', '原因', '处理', '真实原文（observed）', '来源'],
    v2: '仅 v2 接口',
    rules: '两套规则',
    rulesIntro:
      '文档与真实服务被记录到的行为在以下各点不同（或常被误解）。环境的 `profile` 选择其中一列，缺省为 `documented`。',
    ruleHeads: ['情形', 'documented', 'observed', '来源'],
    none: '（无）',
  },
  en: {
    title: 'Errors and rules',
    generated:
      'This page is made by `npm run docs` from the error catalogue (`src/protocol/catalogue.ts`) and the rule table (`src/protocol/rule-profiles.ts`); do not edit it.',
    errors: 'Errors',
    errorsIntro:
      "The official SDK does not hand `err_code` to its caller, so `err_code_des` (`errCodeDes` in the SDK) can be understood alone. The column `observed` has the real service's text where one was recorded; elsewhere it is that of `documented`.",
    errorHeads: ['err_code', 'layer', 'cause', 'what to do', 'recorded text (observed)', 'source'],
    v2: 'v2 interface only',
    rules: 'Two rule profiles',
    rulesIntro:
      'Documentation and the recorded behaviour of the real service differ, or are often misunderstood, at these points. The `profile` of an environment picks a column; `documented` unless it says otherwise.',
    ruleHeads: ['situation', 'documented', 'observed', 'source'],
    none: '(none)',
  },
}

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|')

/** @param {readonly string[]} heads @param {readonly (readonly string[])[]} rows */
const table = (heads, rows) =>
  [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

/** @param {Entry['recorded']} recorded */
const recordedTexts = (recorded) =>
  Object.entries(recorded ?? {})
    .map(([method, text]) => (method === 'any' ? text : `${method}: ${text}`))
    .join('; ')

/**
 * @param {Language} language
 * @param {Catalogue} catalogue
 * @param {RulePoints} rulePoints
 */
export function errorsPage(language, catalogue, rulePoints) {
  const say = words[language]
  /** @type {Entry[]} */
  const entries = Object.values(catalogue)
  const errors = entries.map((entry) => [
    entry.errCode === undefined
      ? say.none
      : `\`${entry.errCode}\`${entry.doors === 'v2' ? ` (${say.v2})` : ''}`,
    `\`${entry.layer}\``,
    entry.cause[language],
    entry.remedy[language],
    recordedTexts(entry.recorded),
    entry.source,
  ])
  const rules = Object.values(rulePoints).map((point) => [
    point.about[language],
    `\`${point.documented}\``,
    `\`${point.observed}\``,
    point.source,
  ])
  return `# ${say.title}

<!-- ${say.generated} -->

${say.generated}

## ${say.errors}

${say.errorsIntro}

${table(say.errorHeads, errors)}

## ${say.rules}

${say.rulesIntro}

${table(say.ruleHeads, rules)}
`
}

/** Where each page lies, from the root. */
export const pagePaths = /** @type {const} */ ({ zh: 'docs/errors.zh-CN.md', en: 'docs/errors.md' })
