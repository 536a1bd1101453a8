/**
 * One instance of a function: a process that has loaded its code and runs one call at a time. Owns the process from
 * start to end; how many there are, and which call goes where, is function-instances.ts's.
 */
import { type ChildProcess, fork } from 'node:child_process'
import {
  diedLoading,
  type Ending,
  exited,
  type Failed,
  loadedTooLong,
  noMain,
  type Outcome,
  threw,
  timedOut,
  tooLarge,
  unloadable,
  unspeakable,
} from './failures.ts'
import type { FoundFunction } from './function-folder.ts'
import type { FunctionSettings } from './function-settings.ts'
import { type FromInstance, fromInstanceSchema, maxJsonBytes, type ToInstance } from './messages.ts'
import { lifeLineFd } from './process-limits.ts'

export interface InstanceSetUp {
  readonly found: FoundFunction
  readonly settings: FunctionSettings
  /** All of them, and no others. */
  readonly variables: Readonly<Record<string, string | undefined>>
  /** The built runner.ts. */
  readonly runner: string
  readonly loadMs: number
  /** Shows what the code prints. */
  readonly follow: (stream: NodeJS.ReadableStream, to: 'out' | 'err') => void
}

export interface Instance {
  /** Undefined once its code is loaded; else why it cannot be, and the process ends. */
  readonly loaded: Promise<Failed | undefined>
  /** Settles when the process is no more. */
  readonly ended: Promise<Ending>
  /**
   * One call at a time, after `loaded`. Never rejects. The process may be no more when it settles: see `isOver`.
   * @returns `not-begun` when the code never got to see the call: another instance may run it
   */
  invoke(call: ToInstance): Promise<Outcome | 'not-begun'>
  /** Ends, or is about to: nothing more can be asked of it. */
  isOver(): boolean
  end(): void
}

/** Node says "exit" before all that the process has said was heard, and never "close" while a grandchild has its output. */
const lastWordsMs = 500

async function endOf(child: ChildProcess): Promise<Pick<Ending, 'code' | 'signal' | 'unstarted'>> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const unstarted = await new Promise<string | undefined>((resolve) => {
    child.once('exit', () => resolve(undefined))
    // Of one that could not be started nothing else is heard.
    child.once('error', ({ message }) => child.pid === undefined && resolve(message))
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, unstarted === undefined ? lastWordsMs : 0)
  })
  await Promise.race([closed, late])
  clearTimeout(timer)
  return { code: child.exitCode, signal: child.signalCode, unstarted }
}

type Answer = Exclude<Extract<FromInstance, { id: number }>, { kind: 'begun' }>

/**
 * The function's own code runs where this is written: it may be anything. Deeper JSON than can be written again is none for the
 * server either.
 */
function resultOf(json: string): Outcome {
  try {
    JSON.stringify({ result: JSON.parse(json) })
    return { json }
  } catch (error) {
    return { failed: unspeakable(error instanceof Error ? error.message : String(error)) }
  }
}

const outcomeOf = (said: Answer): Outcome => {
  switch (said.kind) {
    case 'returned':
      return resultOf(said.json)
    case 'too-large':
      return { failed: tooLarge(said.bytes) }
    case 'unspeakable':
      return { failed: unspeakable(said.message) }
    case 'threw':
      return { failed: threw(said.message, said.stack) }
  }
}

/** The process, and what its code started; a child that made a group of its own is not reached. Windows has no groups. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined || process.platform === 'win32') return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left in it.
  }
}

class ChildInstance implements Instance {
  readonly loaded: Promise<Failed | undefined>
  readonly ended: Promise<Ending>
  readonly #setUp: InstanceSetUp
  readonly #child: ChildProcess
  #over = false
  #outOfMemory = false
  #uncaught: Ending['uncaught']
  #heard: (said: FromInstance) => void = () => {}

  constructor(setUp: InstanceSetUp) {
    this.#setUp = setUp
    const { found, settings, runner, variables } = setUp
    this.#child = fork(runner, [found.entry, String(settings.memoryMb), String(maxJsonBytes)], {
      cwd: found.folder,
      env: { ...variables },
      execArgv: [`--max-old-space-size=${settings.memoryMb}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
      // A group of its own: what the code started ends with it.
      detached: true,
    })
    this.#listen()
    this.ended = endOf(this.#child).then((end) => {
      this.#over = true
      killGroup(this.#child)
      return { ...end, uncaught: this.#uncaught, outOfMemory: this.#outOfMemory }
    })
    this.loaded = this.#load()
  }

  async invoke(call: ToInstance): Promise<Outcome | 'not-begun'> {
    const { timeoutMs, memoryMb } = this.#setUp.settings
    let begun = false
    const answered = new Promise<Outcome>((resolve) => {
      this.#heard = (said) => {
        if (!('id' in said) || said.id !== call.id) return
        if (said.kind === 'begun') begun = true
        else resolve(outcomeOf(said))
      }
    })
    // Not sent means that the process is gone: `ended` says so.
    this.#child.send(call, () => {})
    return await this.#within<Outcome | 'not-begun'>(
      timeoutMs,
      answered,
      (ending) => (begun ? { failed: exited(ending, memoryMb) } : 'not-begun'),
      () => (begun ? { failed: timedOut(timeoutMs) } : 'not-begun'),
    )
  }

  isOver(): boolean {
    return this.#over
  }

  end(): void {
    this.#over = true
    // The code may be in an endless loop: it is not asked.
    killGroup(this.#child)
    this.#child.kill('SIGKILL')
  }

  #listen(): void {
    const { stdout, stderr, stdio } = this.#child
    if (stdout !== null) this.#setUp.follow(stdout, 'out')
    if (stderr !== null) {
      this.#setUp.follow(stderr, 'err')
      // V8's last words; the exit code alone could mean anything. Whoever follows sets the pace.
      stderr.on('data', (bytes: Buffer) => {
        if (bytes.includes('JavaScript heap out of memory')) this.#outOfMemory = true
      })
    }
    const lifeLine = stdio[lifeLineFd]
    lifeLine?.on('error', () => {})
    lifeLine?.on('data', () => {
      this.#outOfMemory = true
    })
    this.#child.on('message', (message: unknown) => {
      const said = fromInstanceSchema.safeParse(message)
      if (!said.success) return
      if (said.data.kind === 'uncaught') this.#uncaught = said.data
      else this.#heard(said.data)
    })
    // Sooner than its end: what is sent from now on is not heard.
    this.#child.on('disconnect', () => {
      this.#over = true
    })
    // A channel that breaks, or a process that cannot be started: it ends, which is heard elsewhere.
    this.#child.on('error', () => {})
  }

  async #load(): Promise<Failed | undefined> {
    const { found, settings, loadMs } = this.#setUp
    const answered = new Promise<Failed | undefined>((resolve) => {
      this.#heard = (said) => {
        if (said.kind === 'loaded') resolve(undefined)
        if (said.kind === 'no-main') resolve(noMain(found.entry))
        if (said.kind === 'unloadable') resolve(unloadable(said, found.folder))
      }
    })
    const failed = await this.#within(
      loadMs,
      answered,
      (ending) => diedLoading(ending, settings.memoryMb),
      () => loadedTooLong(loadMs),
    )
    if (failed !== undefined) this.end()
    return failed
  }

  /** What it says, unless it ends first, or its time is over: then it ends now. */
  async #within<Said>(
    ms: number,
    said: Promise<Said>,
    whenEnded: (ending: Ending) => Said,
    whenLate: () => Said,
  ): Promise<Said> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<Said>((resolve) => {
      timer = setTimeout(() => {
        this.end()
        resolve(whenLate())
      }, ms)
    })
    try {
      return await Promise.race([said, this.ended.then(whenEnded), late])
    } finally {
      clearTimeout(timer)
      this.#heard = () => {}
    }
  }
}

export const startInstance = (setUp: InstanceSetUp): Instance => new ChildInstance(setUp)

/** @returns once it is no more */
export async function endOfAll(instances: Iterable<Instance>): Promise<void> {
  const all = [...instances]
  for (const instance of all) instance.end()
  await Promise.all(all.map(({ ended }) => ended))
}
