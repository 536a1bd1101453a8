/** All functions of a folder: which there are, as their files come, change and go, and a call for each by its name. */
import type { Invocation } from '../protocol/function-host.ts'
import type { Text } from '../protocol/text.ts'
import { childVariables, type SdkTarget } from './child-variables.ts'
import { notFound, type Outcome } from './failures.ts'
import { type FoundFunction, findFunctions } from './function-folder.ts'
import { type FunctionCode, FunctionInstances, type Surroundings } from './function-instances.ts'
import { readSettings } from './function-settings.ts'
import { startInstance } from './instance.ts'
import { callOf } from './invocation.ts'
import type { HostLimits } from './limits.ts'
import type { Screen } from './screen.ts'

export interface FunctionsSetUp {
  /** That holds a folder for each function; absolute. */
  readonly folder: string
  readonly target: SdkTarget
  /** The developer's own, which their code may count on. */
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Seconds, for functions that set none. */
  readonly defaultTimeout: number
  readonly limits: HostLimits
  /** The built runner.ts. */
  readonly runner: string
  readonly screen: Screen
  /** A fresh id, as long as a UUID. */
  readonly randomId: () => string
  /** A clock that only measures. */
  readonly nowMs: () => number
  readonly namesChanged: (names: readonly string[]) => void
}

export class HostedFunctions {
  readonly #setUp: FunctionsSetUp
  readonly #functions = new Map<string, FunctionInstances>()
  /** Their files changed since the last look. */
  #changed = new Set<string>()
  #calls = 0

  constructor(setUp: FunctionsSetUp) {
    this.#setUp = setUp
    this.#look()
  }

  names(): string[] {
    return [...this.#functions.keys()].sort()
  }

  async invoke(invocation: Invocation, gone: AbortSignal): Promise<Outcome> {
    const { screen, nowMs } = this.#setUp
    const { function_name, caller } = invocation
    const asked = nowMs()
    const { outcome, ranMs } = (await this.#functions.get(function_name)?.invoke(invocation, gone)) ?? {
      outcome: { failed: notFound(function_name) },
    }
    const time = { ranMs, waitedMs: nowMs() - asked - (ranMs ?? 0) }
    // What the code printed before it returned is on its way: it comes first.
    setImmediate(() => screen.call(function_name, caller.source, time, outcome))
    return outcome
  }

  /** Files change. @param name of the function; undefined: those that are for all */
  change(name: string | undefined): void {
    for (const one of name === undefined ? this.names() : [name]) {
      this.#changed.add(one)
      this.#functions.get(one)?.change()
    }
  }

  /** Files have changed. */
  settle(): void {
    const before = this.names().join('/')
    this.#look()
    const names = this.names()
    if (names.join('/') !== before) this.#setUp.namesChanged(names)
  }

  /** @returns once no process is left */
  async stop(): Promise<void> {
    await Promise.all([...this.#functions.values()].map((one) => one.stop()))
  }

  #look(): void {
    const found = new Map(this.#find().map((one) => [one.name, one]))
    const complain = this.#complaints()
    for (const [name, instances] of this.#functions) {
      if (found.has(name)) continue
      instances.remove()
      this.#functions.delete(name)
    }
    for (const [name, one] of found) {
      const known = this.#functions.get(name)
      if (known !== undefined && !this.#changed.has(name)) continue
      const code = { found: one, settings: readSettings(one, this.#setUp.defaultTimeout, complain) }
      if (known === undefined) this.#functions.set(name, new FunctionInstances(code, this.#around(name)))
      else known.settle(code)
    }
    this.#changed = new Set()
  }

  #find(): FoundFunction[] {
    try {
      return findFunctions(this.#setUp.folder)
    } catch {
      // The folder itself is gone, or being moved.
      return []
    }
  }

  /** A file that is read for many functions is complained of once. */
  #complaints(): (text: Text) => void {
    const said = new Set<string>()
    return (text) => {
      if (!said.has(text.en)) this.#setUp.screen.say(text)
      said.add(text.en)
    }
  }

  #around(name: string): Surroundings {
    const { screen, limits, randomId, nowMs } = this.#setUp
    return {
      limits,
      start: (code) => this.#start(code),
      callOf: (invocation, settings) => callOf(invocation, settings, ++this.#calls, randomId()),
      nowMs,
      keepsOne: () => this.#functions.size <= limits.keptWarm,
      troubled: (failed) => screen.trouble(name, failed),
      reloaded: () => screen.say({ zh: '已重新加载', en: 'reloaded' }, name),
    }
  }

  #start({ found, settings }: FunctionCode) {
    const { variables, target, runner, limits, screen } = this.#setUp
    return startInstance({
      found,
      settings,
      variables: childVariables(variables, settings.variables, target),
      runner,
      loadMs: limits.loadMs,
      follow: (stream, to) => screen.follow(found.name, stream, to),
    })
  }
}
