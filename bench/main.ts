/**
 * `npm run bench [-- section …] [--quick] [--minutes N] [--millions N]`: prints measurements, and what does not fit into them.
 * Never fails: a problem is a line of the output, the exit code is 0.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callbacks } from './callbacks.ts'
import { closing } from './closing.ts'
import { doors } from './doors.ts'
import { embedded } from './embedded.ts'
import { testingHelper } from './helper.ts'
import { ledger } from './ledger.ts'
import { looking } from './looking.ts'
import { profile } from './profile.ts'
import { loadLine, machineLine, say } from './report.ts'
import type { Asked, Section } from './section.ts'
import { soak } from './soak.ts'

const sections: ReadonlyMap<string, Section> = new Map(
  Object.entries({
    embedded,
    ledger,
    doors,
    callbacks,
    closing,
    helper: testingHelper,
    looking,
    soak,
    profile,
  }),
)
const withoutName = ['embedded', 'ledger', 'doors', 'callbacks', 'closing', 'helper', 'looking']
const usage = `npm run bench [-- ${[...sections.keys()].join(' | ')}] [--quick] [--minutes N] [--millions N]`
const defaultMinutes = 10

interface Line extends Asked {
  readonly names: readonly string[]
}

/** `--name N` taken out of the line. @returns undefined: it was not given, or no number of use */
function number(args: string[], name: string, most: number): number | undefined {
  const at = args.indexOf(name)
  if (at < 0) return undefined
  const given = Number(args.splice(at, 2)[1])
  return given > 0 && given <= most ? given : undefined
}

function read(line: readonly string[]): Line {
  const args = [...line]
  const minutes = number(args, '--minutes', 24 * 60) ?? defaultMinutes
  const millions = number(args, '--millions', 1_000)
  const names = args.filter((arg) => sections.has(arg))
  const unknown = args.filter((arg) => !sections.has(arg) && arg !== '--quick')
  if (unknown.length > 0) say(`忽略不认识的参数 / unknown, ignored: ${unknown.join(' ')}  (${usage})`)
  return {
    names: names.length > 0 ? names : withoutName,
    isQuick: args.includes('--quick'),
    minutes,
    millions,
  }
}

const base = mkdtempSync(join(tmpdir(), 'opencloudpay-bench-'))
// The server's own handler, registered later, runs after this: what it still writes is tried again.
process.once('exit', () => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

const { names, ...asked } = read(process.argv.slice(2))
say(machineLine())
for (const name of names) {
  const section = sections.get(name)
  say(`\n${name}: ${section?.title}\n`)
  const folder = join(base, name)
  try {
    mkdirSync(folder)
    await section?.run(folder, asked)
  } catch (error) {
    say(`出了问题 / a problem: ${error instanceof Error ? error.message : String(error)}`)
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
say(`\n${loadLine()}`)
process.stdout.write('', () => process.exit(0))
