/**
 * The built `cloudpay` in a real terminal: util-linux's `script` gives it one, without native code of ours. Every Linux has it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { shellQuoted } from '../../src/protocol/shell-quoted.ts'
import { builtProgram } from './built-program.ts'
import type { Ended } from './command.ts'
import { owned } from './owned-child.ts'

/** BSD's has other flags. */
const hasScript = () =>
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true

export interface TerminalProcess {
  /** Settles once the terminal shows these words. */
  shows(words: string): Promise<void>
  /** As a keyboard: `\u0003` is Ctrl+C. */
  type(keys: string): void
  /** What a person saw, in `out`. */
  readonly done: Promise<Ended>
}

/** @param variables beside those that find programs */
export function inTerminal(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): TerminalProcess {
  if (!hasScript()) throw new Error('a terminal is needed: install `script` of util-linux (package bsdutils)')
  const command = [process.execPath, ...builtProgram, ...args].map(shellQuoted).join(' ')
  const { PATH = '' } = process.env
  const child = owned(
    spawn('script', ['-qefc', `stty cols 120; exec ${command}`, '/dev/null'], {
      env: { PATH, TERM: 'xterm-256color', SHELL: '/bin/sh', ...variables },
      stdio: ['pipe', 'pipe', 'ignore'],
    }),
  )
  let out = ''
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString()
  })
  const done = once(child, 'close').then(([code]): Ended => ({ code, out, err: '' }))
  return {
    done,
    type: (keys) => void child.stdin.write(keys),
    async shows(words) {
      while (!out.includes(words)) {
        if (child.exitCode !== null) throw new Error(`ended before it showed ${words}: ${out}`)
        await once(child.stdout, 'data')
      }
    },
  }
}
