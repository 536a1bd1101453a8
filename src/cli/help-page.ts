/** What stands below the flags of `--help`: notes, examples, exit codes. Owns the layout. */
import type { Help } from 'commander'
import type { Language } from '../protocol/text.ts'
import type { CommandText } from './command-text.ts'
import { exitRows } from './exit-codes.ts'

const heads = {
  examples: { zh: '示例:', en: 'Examples:' },
  exits: { zh: '退出码:', en: 'Exit codes:' },
} as const

const exampleLines = (examples: readonly string[], language: Language) => [
  '',
  heads.examples[language],
  ...examples.map((example) => `  cloudpay ${example}`),
]

/** Of a command that has others: the first example of each. */
export const groupPage = (texts: readonly Pick<CommandText, 'examples'>[], language: Language): string =>
  exampleLines(
    texts.flatMap(({ examples }) => examples.slice(0, 1)),
    language,
  ).join('\n')

/** @param helper wraps what is too long for the terminal */
export function notesPage(
  { notes, examples, exits }: Pick<CommandText, 'notes' | 'examples' | 'exits'>,
  language: Language,
  helper: Help,
): string {
  const rows = exitRows(exits)
  const width = Math.max(...rows.map(({ code }) => code.length))
  return [
    ...(notes === undefined ? [] : ['', notes[language]]),
    ...exampleLines(examples, language),
    '',
    heads.exits[language],
    ...rows.map(({ code, meaning }) => helper.formatItem(code, width, meaning[language], helper)),
  ].join('\n')
}
