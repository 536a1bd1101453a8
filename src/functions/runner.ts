/**
 * The process of one instance of a function: loads its code, runs `exports.main` for each call that the host sends.
 * Owns what that code sees of a call; time, memory and other instances are the host's. Imports next to nothing: what
 * it loads, every instance loads.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { FromInstance, ToInstance } from './messages.ts'
import { thrown } from './thrown.ts'

type Main = (event: unknown, context: unknown) => unknown

/** The function's code must not take these arguments, or the host's channel, for its own. */
const [entry = '', memoryMb = '', maxJsonBytes = ''] = process.argv.splice(2)
process.argv[1] = entry
const { send } = process
Reflect.deleteProperty(process, 'send')

const tell = (message: FromInstance) => send?.call(process, message, () => {})

const memberOf = (value: unknown, name: string): unknown =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? Reflect.get(value, name)
    : undefined

const isOfModules = (error: unknown) =>
  /^ERR_REQUIRE_(ESM|ASYNC_MODULE)$/.test(String(memberOf(error, 'code')))

/**
 * The platform gets the function's folder and nothing above it: what a package.json further up says of modules must not hold
 * here. Files of the folder that are no packages' are loaded as they are there.
 */
function forgetWhatIsAbove(folder: string, require: NodeJS.Require): void {
  const load = require.extensions['.js']
  require.extensions['.js'] = (module, path) => {
    const within = relative(folder, path)
    if (within.startsWith('..') || within.includes('node_modules')) return load(module, path)
    Reflect.apply(Reflect.get(module, '_compile'), module, [
      readFileSync(path, 'utf8').replace(/^\ufeff/, ''),
      path,
    ])
  }
}

/** As the platform does, with `require`; ES modules too. */
async function exportsOf(path: string): Promise<unknown> {
  const require = createRequire(path)
  const folder = dirname(path)
  try {
    if (!existsSync(join(folder, 'package.json'))) forgetWhatIsAbove(folder, require)
    return require(path)
  } catch (error) {
    // Written as a module, where nothing says so: helpful all the same.
    if (!isOfModules(error) && !(error instanceof SyntaxError)) throw error
    try {
      return await import(pathToFileURL(path).href)
    } catch (second) {
      throw isOfModules(error) ? second : error
    }
  }
}

/** A package that is not installed; a file of the function's own is simply not there. */
function missingPackage(error: unknown): string | undefined {
  if (!/^(ERR_)?MODULE_NOT_FOUND$/.test(String(memberOf(error, 'code')))) return undefined
  const asked = /Cannot find (?:module|package) '([^']+)'/.exec(String(memberOf(error, 'message')))?.[1]
  return asked === undefined || /^[./]|^[a-z]:|^file:/i.test(asked) ? undefined : asked
}

async function load(): Promise<Main | undefined> {
  try {
    const found = await exportsOf(entry)
    const main = memberOf(found, 'main') ?? memberOf(memberOf(found, 'default'), 'main')
    if (typeof main === 'function') return (event, context) => Reflect.apply(main, found, [event, context])
    tell({ kind: 'no-main' })
  } catch (error) {
    tell({ kind: 'unloadable', ...thrown(error), missing: missingPackage(error) })
  }
  return undefined
}

/** @returns puts back what stood there */
function setVariables(variables: ToInstance['variables']): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, variables)
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

function inJson(id: number, result: unknown): FromInstance {
  try {
    // Undefined, and for functions and symbols too, whatever the types say.
    const json: string | undefined = JSON.stringify(result)
    const bytes = Buffer.byteLength(json ?? '')
    if (bytes > Number(maxJsonBytes)) return { kind: 'too-large', id, bytes }
    return { kind: 'returned', id, json: json ?? 'null' }
  } catch (error) {
    return { kind: 'unspeakable', id, ...thrown(error) }
  }
}

async function carryOut(main: Main, { id, event, context, variables }: ToInstance): Promise<FromInstance> {
  tell({ kind: 'begun', id })
  const putBack = setVariables(variables)
  try {
    return inJson(id, await main(JSON.parse(event), context))
  } catch (error) {
    return { kind: 'threw', id, ...thrown(error) }
  } finally {
    putBack()
  }
}

const lifeLine = new Worker(new URL('./life-line.js', import.meta.url), {
  workerData: { memoryMb: Number(memoryMb) },
  resourceLimits: { maxOldGenerationSizeMb: 16 },
  execArgv: [],
})
lifeLine.unref()
process.on('disconnect', () => process.exit(0))
// Ctrl+C in a terminal reaches every process there; when to end is the host's decision.
process.on('SIGINT', () => {})
process.on('uncaughtExceptionMonitor', (error) => tell({ kind: 'uncaught', ...thrown(error) }))

const main = await load()
if (main !== undefined) {
  process.on('message', async (call: ToInstance) => tell(await carryOut(main, call)))
  tell({ kind: 'loaded' })
}
