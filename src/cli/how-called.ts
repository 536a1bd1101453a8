/** How this program is called again, so that what it prints can be copied: by its name, by npx, or by node with a path. */
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { shellQuoted } from '../protocol/shell-quoted.ts'

export interface Called {
  /** From the folder where the reader is. */
  readonly here: string
  /** From any folder of theirs, where that is another. */
  readonly anywhere: string
  /** The reader is in the clone's own folder, where `npm run demo` exists. */
  readonly inClone: boolean
}

export interface Surroundings {
  /** What node was told to run: `process.argv[1]`. */
  readonly program: string
  /** Where the reader is. */
  readonly folder: string
  /** What npm says of itself to what it runs. */
  readonly npmCommand: string | undefined
  readonly exists: (path: string) => boolean
}

const main = fileURLToPath(new URL('./main.js', import.meta.url))
/** Of the package: its own clone's, or where npm put it. */
const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

/** Where npx looks for programs, when it is called in `folder`. */
function npmRoot(folder: string, exists: Surroundings['exists']): string | undefined {
  if (exists(join(folder, 'package.json')) || exists(join(folder, 'node_modules'))) return folder
  const parent = dirname(folder)
  return parent === folder ? undefined : npmRoot(parent, exists)
}

const surroundings = (): Surroundings => ({
  program: process.argv[1] ?? main,
  folder: process.cwd(),
  npmCommand: process.env.npm_command,
  exists: existsSync,
})

export function howCalled({ program, folder, npmCommand, exists }: Surroundings = surroundings()): Called {
  const name = basename(program).replace(/\.(cmd|js)$/, '')
  const byName = name === 'cloudpay' || name === 'opencloudpay'
  const throughNpm = npmCommand !== undefined || /[\\/]node_modules[\\/]\.bin$/.test(dirname(program))
  if (byName && !throughNpm) return { here: name, anywhere: name, inClone: false }
  const its = npmRoot(folder, exists)
  // The name of the package: npx would fetch a stranger's `cloudpay`.
  const fetched = byName ? 'npx opencloudpay' : `node ${shellQuoted(main)}`
  if (its === root)
    return { here: 'npx opencloudpay', anywhere: `node ${shellQuoted(main)}`, inClone: folder === root }
  const installed = its !== undefined && exists(join(its, 'node_modules', '.bin', 'opencloudpay'))
  const here = installed ? 'npx opencloudpay' : fetched
  return { here, anywhere: here, inClone: false }
}
