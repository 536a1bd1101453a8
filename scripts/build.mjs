/**
 * Compiles `src/` to `dist/`, and the console to `dist/console/`, when something changed since the last time. Owns `dist/`.
 * The new folder is made aside and put in place whole, so that nobody ever runs half a build.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { alone } from './setup-lock.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const stamp = 'built-from.sha256'

/**
 * All files that the build reads, sorted; deleted ones change the list.
 * @param {string} folder
 * @returns {string[]}
 */
const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesBelow(path) : [path]
    })
    .filter((path) => !path.endsWith('.test.ts'))
    .sort()

/** Of contents, not times: a checkout or an unpacked archive may be older than the build. */
function digestOfSources() {
  const hash = createHash('sha256')
  const others = ['package-lock.json', 'tsconfig.base.json', 'tsconfig.json'].map((name) => join(root, name))
  for (const path of [...others, ...filesBelow(join(root, 'src'))]) {
    const content = readFileSync(path)
    hash.update(`${path.slice(root.length)}\n${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

/** @param {string} digest */
const isBuiltFrom = (digest) => {
  const path = join(dist, stamp)
  return existsSync(path) && readFileSync(path, 'utf8') === digest
}

export const isBuilt = () => isBuiltFrom(digestOfSources())

/**
 * In a process of its own, so that whoever only looks whether something has to be built loads none of it.
 * @param {string} folder
 * @returns {string | undefined} what it complained about
 */
function buildConsole(folder) {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const config = join(root, 'src', 'console', 'vite.config.mjs')
  const args = [vite, 'build', '--config', config, '--outDir', folder]
  const { status, error, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  return status === 0 ? undefined : (error?.message ?? `${stdout}${stderr}`)
}

/** @returns {string | undefined} what the compilers complained about */
export function build() {
  const digest = digestOfSources()
  const aside = join(root, '.build', `dist-${process.pid}`)
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const config = join(root, 'tsconfig.json')
  const tsc = spawnSync(process.execPath, [compiler, '-p', config, '--outDir', aside], { encoding: 'utf8' })
  if (tsc.status !== 0) {
    rmSync(aside, { recursive: true, force: true })
    return tsc.error?.message ?? `${tsc.stdout}${tsc.stderr}`
  }
  const vite = buildConsole(join(aside, 'console'))
  if (vite !== undefined) {
    rmSync(aside, { recursive: true, force: true })
    return vite
  }
  // npm makes commands executable where it installs them; in a clone `npx` runs these as they are.
  for (const command of ['main.js', 'opencloudpay.js']) chmodSync(join(aside, 'cli', command), 0o755)
  writeFileSync(join(aside, stamp), digest)
  const old = `${aside}-old`
  if (existsSync(dist)) renameSync(dist, old)
  renameSync(aside, dist)
  rmSync(old, { recursive: true, force: true })
  return undefined
}

/** For tests of the built program that are run on their own, several files at a time. */
export async function ensureBuilt() {
  if (isBuilt()) return
  const work = () => {
    const faults = isBuilt() ? undefined : build()
    if (faults !== undefined) throw new Error(faults)
  }
  await alone(work, () => {})
}
