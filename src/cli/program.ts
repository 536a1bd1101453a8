/** The command line: commands, flags and help, in the user's language. Owns how they hang together; texts are in help*.ts. */
import { Command, Option } from 'commander'
import type { Flags } from '../app/settings.ts'
import type { Language, Text } from '../protocol/text.ts'
import type { CloseFlags } from './close.ts'
import { columns } from './columns.ts'
import type { CommandText } from './command-text.ts'
import type { Context } from './context.ts'
import type { DevFlags } from './dev-settings.ts'
import {
  aboutHelp,
  aboutLanguage,
  aboutProgram,
  aboutVersion,
  devText,
  namesText,
  programNotes,
  runText,
  startText,
  titles,
} from './help.ts'
import { closeText, proveText } from './help-operators.ts'
import { notesPage } from './help-page.ts'
import type { NamesFlags } from './names.ts'
import type { OperatorFlags } from './operator.ts'
import type { RunFlags } from './run.ts'
import { languageFlag, languages } from './user-language.ts'

/** Carries a command out; what it returns is the exit code. Each loads its file only then: help and `run` stay quick. */
export type Carry = (command: (context: Context) => Promise<number>) => Promise<void>

/** What becomes of values that are given one after the other. */
type Gather = (value: string, before: unknown) => unknown

const joined: Gather = (value, before) => (typeof before === 'string' ? `${before},${value}` : value)
const gathered: Gather = (value, before) => (Array.isArray(before) ? [...before, value] : [value])

/** Flags that may be given more than once. */
const repeated: Readonly<Record<string, Gather>> = {
  '--allow-host <names>': joined,
  '--container <service>=<url>': gathered,
}

/** Commands below a command, such as `list` of `orders`. */
export interface Group {
  add(usage: string, text: CommandText): Command
}

function openProgram(language: Language, version: string) {
  const spoken = () => new Option(`${languageFlag} <zh|en>`, aboutLanguage[language]).choices(languages)
  const dressed = (command: Command) =>
    command
      .helpOption('-h, --help', aboutHelp[language])
      .helpCommand(false)
      .exitOverride()
      .configureOutput({ outputError() {} })
      .configureHelp({
        displayWidth: columns,
        optionTerm: (option) => option.flags,
        optionDescription: (option) => option.description,
        styleTitle: (title) => (language === 'zh' ? (titles[title] ?? title) : title),
      })
  const cloudpay = dressed(new Command('cloudpay'))
    .addOption(spoken())
    .description(aboutProgram[language])
    .version(version, '-V, --version', aboutVersion[language])
    .enablePositionalOptions()
    .addHelpText('after', ({ command }) => notesPage(programNotes, language, command.createHelp()))

  const addTo =
    (parent: Command) =>
    (usage: string, text: CommandText): Command => {
      const command = dressed(parent.command(usage)).description(text.about[language])
      for (const [form, meaning] of text.flags) {
        const parse = repeated[form]
        if (parse === undefined) command.option(form, meaning[language])
        else command.option(form, meaning[language], parse)
      }
      return command
        .addOption(spoken())
        .addHelpText('after', ({ command: shown }) => notesPage(text, language, shown.createHelp()))
    }
  return {
    cloudpay,
    add: addTo(cloudpay),
    group(name: string, about: Text): Group {
      const group = dressed(cloudpay.command(name)).description(about[language])
      return { add: addTo(group) }
    },
  }
}

/** Those that start something, and go on until it ends. */
function addRunning({ add }: Group, carry: Carry): void {
  add('start', startText).action((flags: Flags) =>
    carry(async (context) => (await import('./start.ts')).start(flags, context)),
  )
  add('dev <folder>', devText).action((folder: string, flags: DevFlags) =>
    carry(async (context) => (await import('./dev.ts')).dev(folder, flags, context)),
  )
  add('run', runText)
    .usage('[options] -- <command> [args...]')
    .argument('<command>')
    .argument('[args...]')
    .passThroughOptions()
    .action((command: string, args: string[], flags: RunFlags) =>
      carry(async (context) => (await import('./run.ts')).run(command, args, flags, context)),
    )
  add('names', namesText).action((flags: NamesFlags) =>
    carry(async (context) => (await import('./names.ts')).names(flags, context)),
  )
}

function addClosing({ add }: Group, carry: Carry): void {
  // The same as --env-id, as people guess it.
  const env = () => new Option('--env <id>').hideHelp()
  add('close [number...]', closeText)
    .addOption(env())
    .action((numbers: string[], flags: CloseFlags) =>
      carry(async (context) => (await import('./close.ts')).close(numbers, flags, context)),
    )
  add('prove <number>', proveText)
    .addOption(env())
    .action((number: string, flags: OperatorFlags) =>
      carry(async (context) => (await import('./prove.ts')).prove(number, flags, context)),
    )
}

/** @returns ready to parse; faults are thrown as CommanderError and not printed */
export function program(language: Language, version: string, carry: Carry): Command {
  const { cloudpay, add } = openProgram(language, version)
  addRunning({ add }, carry)
  addClosing({ add }, carry)
  return cloudpay
}
