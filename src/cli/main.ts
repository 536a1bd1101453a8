#!/usr/bin/env node
/** `cloudpay`: the process. Owns exit codes and what goes to stderr; every command stands in its own file. */
import { CommanderError } from 'commander'
import { packageVersion } from '../app/package-version.ts'
import { StartRefused } from '../app/refusals.ts'
import type { Language, Text } from '../protocol/text.ts'
import { program } from './program.ts'
import { run } from './run.ts'
import { start } from './start.ts'
import { usageText } from './usage-errors.ts'
import { userLanguage } from './user-language.ts'

const say = ({ zh, en }: Text) => process.stderr.write(`cloudpay: ${zh}\ncloudpay: ${en}\n`)

async function terminal(language: Language) {
  const { openTerminal } = await import('./terminal.ts')
  // Whoever read them may be gone: that is no reason to stop half-way.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return openTerminal({ in: process.stdin, out: process.stdout, err: process.stderr }, language)
}

/** @returns the exit code */
async function cloudpay(args: readonly string[]): Promise<number> {
  let exitCode = 0
  const version = packageVersion()
  const language = userLanguage(process.env)
  const commands = program(language, version, {
    start: (flags) => start(flags, version),
    dev: async (folder, flags) => (await import('./dev.ts')).dev(folder, flags, version),
    run: async (command, rest, flags) => {
      exitCode = await run(command, rest, flags, process.env)
    },
    close: async (numbers, flags) => {
      const { close } = await import('./close.ts')
      exitCode = await close(numbers, flags, process.env, await terminal(language))
    },
    prove: async (number, flags) => {
      const { prove } = await import('./prove.ts')
      exitCode = await prove(number, flags, process.env, await terminal(language))
    },
    names: async (flags) => {
      // Loaded only now: the others stay quick.
      const { names } = await import('./names.ts')
      await names(flags, process.env, version)
    },
  })
  try {
    await commands.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof StartRefused) say(error.text)
    else if (!(error instanceof CommanderError)) throw error
    // Help and version arrive as exits too, with code 0; `(outputHelp)` has printed itself.
    else if (error.exitCode !== 0 && error.code !== 'commander.help') say(usageText(error))
    else return error.exitCode
    return 1
  }
}

const exitCode = await cloudpay(process.argv.slice(2))
// Whatever still holds the event loop (a socket kept alive, a worker) has nothing left to say; the output has.
process.stdout.write('', () => process.exit(exitCode))
