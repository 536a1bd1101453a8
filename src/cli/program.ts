/** The command line: commands, flags and help, in the user's language. Owns how they hang together; texts are in help.ts. */
import { Command, Option } from 'commander'
import { type Flags, settings } from '../app/settings.ts'
import type { Language } from '../protocol/text.ts'
import type { CloseFlags } from './close.ts'
import { columns } from './columns.ts'
import type { DevFlags } from './dev-settings.ts'
import {
  about,
  devFlags,
  devNotes,
  namesFlags,
  namesNotes,
  programNotes,
  runFlags,
  runNotes,
  startNotes,
  titles,
} from './help.ts'
import { aboutClose, aboutProve, closeFlags, closeNotes, proveFlags, proveNotes } from './help-operators.ts'
import type { NamesFlags } from './names.ts'
import type { OperatorFlags } from './operator.ts'
import type { RunFlags } from './run.ts'

export interface Commands {
  start(flags: Flags): Promise<void>
  dev(folder: string, flags: DevFlags): Promise<void>
  run(command: string, args: readonly string[], flags: RunFlags): Promise<void>
  names(flags: NamesFlags): Promise<void>
  close(numbers: readonly string[], flags: CloseFlags): Promise<void>
  prove(number: string, flags: OperatorFlags): Promise<void>
}

/** Given more than once, the lists are joined. */
const joined = (value: string, before: string | undefined) =>
  before === undefined ? value : `${before},${value}`

/** Given more than once, each counts. */
const gathered = (value: string, before: readonly string[] = []) => [...before, value]

/** @returns ready to parse; faults are thrown as CommanderError and not printed */
export function program(language: Language, version: string, commands: Commands): Command {
  const cloudpay = new Command('cloudpay')
    .description(about.program[language])
    .version(version, '-V, --version', about.version[language])
    .helpOption('-h, --help', about.help[language])
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError() {} })
    .configureHelp({
      displayWidth: columns,
      styleTitle: (title) => (language === 'zh' ? (titles[title] ?? title) : title),
    })
    .addHelpText('after', programNotes[language])

  const start = cloudpay.command('start').description(about.start[language])
  for (const { flag, placeholder, variable, meaning } of Object.values(settings)) {
    const text = `${meaning[language]} [${variable}]`
    if (flag === '--allow-host') start.option(`${flag} ${placeholder}`, text, joined)
    else start.option(`${flag} ${placeholder}`, text)
  }
  start.addHelpText('after', startNotes[language]).action((flags: Flags) => commands.start(flags))

  const dev = cloudpay.command('dev').description(about.dev[language])
  for (const [flag, text] of devFlags) dev.option(flag, text[language])
  dev
    .argument('<folder>')
    .addHelpText('after', devNotes[language])
    .action((folder: string, flags: DevFlags) => commands.dev(folder, flags))

  const run = cloudpay.command('run').description(about.run[language])
  for (const [flag, text] of runFlags) {
    if (flag.startsWith('--container ')) run.option(flag, text[language], gathered)
    else run.option(flag, text[language])
  }
  run
    .usage('[options] -- <command> [args...]')
    .argument('<command>')
    .argument('[args...]')
    .passThroughOptions()
    .addHelpText('after', runNotes[language])
    .action((command: string, args: string[], flags: RunFlags) => commands.run(command, args, flags))

  const names = cloudpay.command('names').description(about.names[language])
  for (const [flag, text] of namesFlags) names.option(flag, text[language])
  names.addHelpText('after', namesNotes[language]).action((flags: NamesFlags) => commands.names(flags))

  const close = cloudpay.command('close').description(aboutClose[language])
  for (const [flag, text] of closeFlags) close.option(flag, text[language])
  close
    .addOption(new Option('--env <id>').hideHelp())
    .argument('[number...]')
    .addHelpText('after', closeNotes[language])
    .action((numbers: string[], flags: CloseFlags) => commands.close(numbers, flags))

  const prove = cloudpay.command('prove').description(aboutProve[language])
  for (const [flag, text] of proveFlags) prove.option(flag, text[language])
  prove
    .addOption(new Option('--env <id>').hideHelp())
    .argument('<number>')
    .addHelpText('after', proveNotes[language])
    .action((number: string, flags: OperatorFlags) => commands.prove(number, flags))
  return cloudpay
}
