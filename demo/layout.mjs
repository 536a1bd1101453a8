/** Text for a terminal of 80 to 100 columns: widths, line breaks, colours. Owns the look, not what is said. */
import { inspect, styleText } from 'node:util'

const narrowest = 60
const widest = 96
/** A pipe has no width: what fits every terminal. */
const width = Math.min(Math.max((process.stdout.columns ?? 80) - 1, narrowest), widest)

/** Honours NO_COLOR and FORCE_COLOR; never on a pipe. */
const colourful = process.stdout.isTTY === true && process.stdout.hasColors()

/** @param {Parameters<typeof styleText>[0]} style @param {string} text */
export const styled = (style, text) => (colourful ? styleText(style, text) : text)

/** Chinese characters and their punctuation take two columns. */
const wide = /[\u2e80-\uffe6\u2018-\u201d\u2026]/g

/** @param {string} text */
const columnsOf = (text) => text.length + (text.match(wide)?.length ?? 0)

/** Where a line may break: between words, and between Chinese characters but for their punctuation. */
const pieces =
  /\s+|[（“‘]*(?:[\u2e80-\u3000\u3003-\uff00]|[^\s\u2e80-\uffe6“”‘’…]+)[，。；：、）”’？！…]*|\S/gu

/**
 * @param {readonly string[]} words put on lines one after the other; what opens with a blank loses it there
 * @param {string} first what the first line begins with; the others are indented as far
 */
function fill(words, first) {
  const indent = ' '.repeat(columnsOf(first))
  const lines = [first]
  for (const word of words) {
    const line = lines.at(-1) ?? ''
    const begun = lines.length === 1 ? line !== first : line !== indent
    if (begun && columnsOf(line) + columnsOf(word.trimEnd()) > width) lines.push(indent + word.trimStart())
    else lines[lines.length - 1] = line + (begun ? word : word.trimStart())
  }
  return lines.map((line) => line.trimEnd()).join('\n')
}

/** @param {string} text @param {string} first */
export const wrapped = (text, first) => fill(text.match(pieces) ?? [], first)

/** How an answer is read: what became of the call; what it is about; who says so, which is always the same. */
const result = ['returnCode', 'returnMsg', 'resultCode', 'resultMsg', 'errCodeDes']
const sender = ['appid', 'mchId', 'subAppid', 'subMchId', 'nonceStr', 'sign', 'errCode', 'errMsg']

/** Nobody compares these by eye. */
const random = ['nonceStr', 'sign', 'paySign']

/** @param {unknown} value @returns {value is object} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** @param {string} name @param {unknown} value */
const valueText = (name, value) =>
  inspect(random.includes(name) && typeof value === 'string' ? `${value.slice(0, 6)}…` : value)

/**
 * Words that stay whole: a text too long for a line breaks where it may.
 * @param {string} text
 */
const breakable = (text) => (columnsOf(text) > narrowest ? (text.match(pieces) ?? []) : [text])

/**
 * One field, a comma after it; an object breaks between its fields.
 * @param {string} name
 * @param {unknown} value
 * @returns {readonly string[]}
 */
function words(name, value) {
  if (!isObject(value)) return breakable(` ${name}: ${valueText(name, value)},`)
  const fields = Object.entries(value)
  const last = fields.length - 1
  return fields.flatMap(([key, its], place) => {
    const before = place === 0 ? ` ${name}: {` : ''
    const after = place === last ? ' },' : ','
    return breakable(`${before} ${key}: ${valueText(key, its)}${after}`)
  })
}

/**
 * @param {object} fields
 * @param {string} first what the first line begins with; the others are indented as far
 */
export function answerText(fields, first) {
  const entries = Object.entries(fields)
  /** @param {readonly string[]} names */
  const named = (names) =>
    names.flatMap((name) => entries.filter(([its]) => its === name).map(([, value]) => words(name, value)))
  const subject = entries
    .filter(([name]) => !result.includes(name) && !sender.includes(name))
    .sort(([, a], [, b]) => Number(isObject(a)) - Number(isObject(b)))
    .map(([name, value]) => words(name, value))
  const groups = [named(result), subject, named(sender)].filter((group) => group.length > 0)
  return groups
    .map((group, place) => fill(group.flat(), place === 0 ? first : ' '.repeat(columnsOf(first))))
    .join('\n')
    .replace(/,$/, '')
}

/**
 * A function's source as the reader would write it: without `() =>`, `await` before it, indented from the margin.
 * @param {(...args: never[]) => unknown} call
 */
export function sourceOf(call) {
  const lines = call
    .toString()
    .replace(/^\(\w*\) =>\s*/, 'await ')
    .split('\n')
  const margin = /^ */.exec(lines.at(-1) ?? '')?.[0].length ?? 0
  return lines.map((line, place) => (place === 0 ? line : line.slice(margin))).join('\n')
}
