/** Which functions a folder holds: one a folder below it that has code. Reads names and places; runs nothing. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export interface FoundFunction {
  readonly name: string
  readonly folder: string
  /** The file that exports `main`. */
  readonly entry: string
}

/** The platform loads `index.js`; **inferred**: nothing else. */
const entryNames = ['index.js', 'index.cjs', 'index.mjs']
/** As the contract between host and server has it. */
const longestName = 128

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true
const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

const packageSchema = z.object({ main: z.string() })

/** `main` of package.json, written with or without its ending, or a folder. */
function packageMain(folder: string): string[] {
  try {
    const { main } = packageSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
    return [main, `${main}.js`, `${main}/index.js`]
  } catch {
    return []
  }
}

const entryOf = (folder: string) =>
  [...entryNames, ...packageMain(folder)].map((name) => join(folder, name)).find(isFile)

/** @returns by name; folders that cannot be read have none */
export function findFunctions(root: string): FoundFunction[] {
  return readdirSync(root)
    .filter((name) => !name.startsWith('.') && name !== 'node_modules' && name.length <= longestName)
    .sort()
    .flatMap((name) => {
      const folder = join(root, name)
      const entry = isFolder(folder) ? entryOf(folder) : undefined
      return entry === undefined ? [] : [{ name, folder, entry }]
    })
}
