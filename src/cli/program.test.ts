/** Every command there is: its help in both languages, and that its examples can be typed. */
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { columns } from './columns.ts'
import { program } from './program.ts'

const leavesOf = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf)

const nameOf = (command: Command): string =>
  command.parent === null ? '' : `${nameOf(command.parent)} ${command.name()}`.trim()

const nothing = async () => {}
const names = leavesOf(program('en', '0.1.0', nothing)).map(nameOf)

function helpOf(name: string, language: 'zh' | 'en'): string {
  const command = leavesOf(program(language, '0.1.0', nothing)).find((one) => nameOf(one) === name)
  let text = ''
  const writeOut = (more: string) => {
    text += more
  }
  command?.configureOutput({ writeOut, getOutHelpWidth: () => 80 }).outputHelp()
  return text
}

/** As a shell splits them. */
const words = (line: string) =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')

test('all commands are there', () => {
  expect(names).toEqual([
    ...[
      'start',
      'dev',
      'run',
      'names',
      'orders list',
      'orders show',
      'orders watch',
      'pay',
      'refund',
      'close',
      'prove',
    ],
    ...['callbacks list', 'callbacks show', 'callbacks resend'],
    ...['clock show', 'clock advance', 'clock set', 'clock freeze', 'clock run', 'clock next'],
    ...['faults list', 'faults on', 'faults off', 'env list', 'env show', 'demo'],
  ])
})

test.each(names)(
  '%s: help in one language, with examples that can be typed, and its exit codes',
  async (name) => {
    const english = helpOf(name, 'en')
    expect(english).not.toMatch(/\p{Script=Han}/u)
    expect(english).toMatch(/\nExit codes:\n {2}0 /)
    expect(Math.max(...english.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    const chinese = helpOf(name, 'zh')
    expect(Math.max(...chinese.split('\n').map(columns))).toBeLessThanOrEqual(80)
    expect(chinese).toMatch(/\p{Script=Han}[\s\S]*\n示例:\n[\s\S]*\n退出码:\n {2}0 /u)

    const [, examples = ''] = /\nExamples:\n([\s\S]*?)\n\n/.exec(english) ?? []
    const lines = examples.split('\n').map((line) => line.trim())
    expect(lines[0]).toMatch(new RegExp(`^cloudpay ${name}`))
    for (const line of lines) {
      let called = 0
      const typed = program('en', '0.1.0', async () => void called++)
      await typed.parseAsync(words(line).slice(1), { from: 'user' })
      expect(called, line).toBe(1)
    }
  },
)

test.each(['orders', 'callbacks', 'clock', 'faults', 'env'])(
  '%s: its help shows how each of its commands is typed',
  (name) => {
    for (const [language, head] of [
      ['en', 'Examples:'],
      ['zh', '示例:'],
    ] as const) {
      const group = program(language, '0.1.0', nothing).commands.find((one) => one.name() === name)
      let text = ''
      const writeOut = (more: string) => {
        text += more
      }
      group?.configureOutput({ writeOut, getOutHelpWidth: () => 80 }).outputHelp()
      for (const { name: its } of group?.commands.map((one) => ({ name: one.name() })) ?? [])
        expect(text.split(head)[1]).toMatch(new RegExp(`^  cloudpay ${name} ${its}\\b`, 'm'))
    }
  },
)

test('of faults no merchant named is every merchant, and help says so', () => {
  expect(helpOf('faults on', 'en')).toMatch(
    /--sub-mch-id <number> +only this merchant, default every merchant/,
  )
  expect(helpOf('callbacks resend', 'en')).toMatch(/default whoever has the number, of\s+--state all of them/)
})
