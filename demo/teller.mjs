/** Tells the story step by step, and checks it: an answer that is not as told ends it. Owns form and check. */
import { inspect } from 'node:util'
import { answerText, styled, wrapped } from './layout.mjs'

/**
 * @typedef {{ readonly zh: string, readonly en: string }} Text
 * @typedef {{ readonly answer: object } | { readonly rejected: object }} Heard answered, or thrown by the SDK
 * @typedef {string | number | RegExp | ((value: unknown) => boolean)} Told
 * @typedef {object} Step
 * @property {Text} title
 * @property {string} code as the reader would write it
 * @property {() => Promise<Heard>} run
 * @property {'answer' | 'rejected'} [outcome] `answer` unless said otherwise
 * @property {Readonly<Record<string, Told>>} told the fields that the story depends on
 * @property {Text} lesson
 */

/** An answer was not as the story tells it. */
export class NotAsTold extends Error {
  /** @param {number} number @param {readonly string[]} differences */
  constructor(number, differences) {
    super(
      [
        `第 ${number} 步的应答与预期不符 / step ${number} was not answered as told:`,
        ...differences.map((line) => `  ${line}`),
      ].join('\n'),
    )
  }
}

/** @param {Told} told @param {unknown} value */
const holds = (told, value) => {
  if (typeof told === 'function') return told(value)
  return told instanceof RegExp ? typeof value === 'string' && told.test(value) : told === value
}

/** @param {Told} told */
const spelled = (told) => (typeof told === 'function' ? told.toString() : inspect(told))

/**
 * @param {Heard} heard
 * @param {Step} step
 * @returns {string[]} what is not as told
 */
function differences(heard, { outcome = 'answer', told }) {
  const wanted = { answer: '应答 / an answer', rejected: '异常 / an exception' }
  const got = 'answer' in heard ? 'answer' : 'rejected'
  if (got !== outcome) return [`应为 / expected: ${wanted[outcome]}; 实际 / got: ${wanted[got]}`]
  const fields = 'answer' in heard ? heard.answer : heard.rejected
  return Object.entries(told).flatMap(([name, its]) => {
    const value = Reflect.get(fields, name)
    if (holds(its, value)) return []
    return [`${name}: 应为 / expected ${spelled(its)}; 实际 / got ${inspect(value)}`]
  })
}

/** @param {string} [line] */
export const say = (line = '') => process.stdout.write(`${line}\n`)

/** @param {string} code */
const sayCode = (code) => {
  for (const line of code.split('\n')) say(`    ${styled('cyan', line)}`)
}

export function teller() {
  let number = 0
  return {
    /** How many steps were told. */
    steps: () => number,
    /**
     * @param {Step} step
     * @throws {NotAsTold}
     */
    async step(step) {
      number += 1
      const { zh, en } = step.title
      say()
      say(styled('bold', `${`${number}.`.padEnd(4)}${zh}`))
      say(`    ${styled('bold', en)}`)
      say()
      sayCode(step.code)
      const heard = await step.run()
      say()
      say('answer' in heard ? answerText(heard.answer, '    → ') : answerText(heard.rejected, '    ✗ throw '))
      const wrong = differences(heard, step)
      if (wrong.length > 0) throw new NotAsTold(number, wrong)
      say()
      say(styled('green', wrapped(step.lesson.zh, '    ✓ ')))
      say(styled('green', wrapped(step.lesson.en, '      ')))
    },
  }
}
