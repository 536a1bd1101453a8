/**
 * The command line in the test's own process, against a server: all of it but the process. What is told by the real one
 * elsewhere is told by this in its other variants, for each process costs a third of a second.
 */
import { PassThrough } from 'node:stream'
import { StartRefused } from '../../src/app/refusals.ts'
import { program } from '../../src/cli/program.ts'
import { openTerminal, remark } from '../../src/cli/terminal.ts'
import type { Language } from '../../src/protocol/text.ts'
import type { Ended } from './command.ts'

const listened = () => {
  const stream = new PassThrough()
  const text: string[] = []
  stream.on('data', (bytes: Buffer) => text.push(bytes.toString()))
  return { stream, text: () => text.join('') }
}

/** No flag of a language is read: that is the process's. */
export async function here(
  args: readonly string[],
  language: Language = 'en',
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const [out, err] = [listened(), listened()]
  const terminal = openTerminal({ in: new PassThrough(), out: out.stream, err: err.stream }, language)
  const { warn } = terminal
  let code = 0
  const commands = program(language, '0.1.0', async (command) => {
    code = await command({
      language,
      version: '0.1.0',
      variables,
      command: 'cloudpay',
      warn,
      terminal: async () => terminal,
    })
  })
  try {
    await commands.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error
    return { code: 1, out: out.text(), err: `${err.text()}${remark(error.text, language)}` }
  }
  return { code, out: out.text(), err: err.text() }
}
