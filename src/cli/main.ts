#!/usr/bin/env node
/** `cloudpay`: the process. Owns exit codes and what goes to stderr; every command stands in its own file. */
import { CommanderError } from 'commander'
import { packageVersion } from '../app/package-version.ts'
import { StartRefused } from '../app/refusals.ts'
import type { Language, Text } from '../protocol/text.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { howCalled } from './how-called.ts'
import { program } from './program.ts'
import { openTerminal, remark } from './terminal.ts'
import { usageText } from './usage-errors.ts'
import { userLanguage } from './user-language.ts'

function contextOf(language: Language): Context {
  return {
    language,
    version: packageVersion(),
    variables: process.env,
    command: howCalled().here,
    warn: (text) => void process.stderr.write(remark(text, language)),
    async terminal() {
      // Whoever read them may be gone: that is no reason to stop half-way.
      for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
      return openTerminal({ in: process.stdin, out: process.stdout, err: process.stderr }, language)
    },
  }
}

/** @returns the exit code */
async function cloudpay(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.done
  const context = contextOf(userLanguage(process.env, args))
  const say = (text: Text) => context.warn(text)
  const commands = program(context.language, context.version, async (command) => {
    exitCode = await command(context)
  })
  try {
    await commands.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof StartRefused) say(error.text)
    else if (!(error instanceof CommanderError)) throw error
    // Help and version arrive as exits too, with code 0; `(outputHelp)` has printed itself.
    else if (error.exitCode !== 0 && error.code !== 'commander.help') say(usageText(error, context.command))
    else return error.exitCode
    return exitCodes.refused
  }
}

const exitCode = await cloudpay(process.argv.slice(2))
// Whatever still holds the event loop (a socket kept alive, a worker) has nothing left to say; the output has.
process.stdout.write('', () => process.exit(exitCode))
