/**
 * The instances of one function: as many as its calls need, up to a limit; one stays when they are done. Owns which
 * call runs where, what waits, and when code is loaded anew: calls that run while it changes finish with the old code.
 * An instance runs one call at a time, as on the platform: who the caller is stands in variables of the process.
 */
import type { Invocation } from '../protocol/function-host.ts'
import { busy, exited, type Failed, hostStops, neverBegan, notFound, type Outcome } from './failures.ts'
import type { FoundFunction } from './function-folder.ts'
import type { FunctionSettings } from './function-settings.ts'
import type { Instance } from './instance.ts'
import type { HostLimits } from './limits.ts'
import type { ToInstance } from './messages.ts'

/** A function as it stands in its folder. */
export interface FunctionCode {
  readonly found: FoundFunction
  readonly settings: FunctionSettings
}

export interface Surroundings {
  readonly limits: HostLimits
  readonly start: (code: FunctionCode) => Instance
  /** What the code is to see of a call. */
  readonly callOf: (invocation: Invocation, settings: FunctionSettings) => ToInstance
  /** Whether an instance stays that nobody needs. */
  readonly keepsOne: () => boolean
  /** Of trouble that no call stands for. */
  readonly troubled: (failed: Failed) => void
  readonly reloaded: () => void
  /** A clock that only measures. */
  readonly nowMs: () => number
}

/** What a call came to, and how long the code had it; no time where it never did. */
export interface Answer {
  readonly outcome: Outcome
  readonly ranMs?: number
}

interface Waiting {
  readonly invocation: Invocation
  readonly answer: (answer: Answer) => void
  /** An instance was given it, and ended before it began. */
  readonly again?: boolean
}

/** `over`: it loaded, and is about to be no more. */
type State =
  | { readonly is: 'loading' | 'busy' | 'over' }
  | { readonly is: 'idle'; readonly timer: NodeJS.Timeout }

/** Instances of the same code. */
interface Generation {
  readonly code: FunctionCode
  readonly instances: Map<Instance, State>
}

export class FunctionInstances {
  readonly #around: Surroundings
  readonly #living = new Set<Instance>()
  #waiting: Waiting[] = []
  #now: Generation
  /** Its files change: nothing is loaded until they have settled. */
  #settling = false
  /** Once the new code is loaded, a word is due. */
  #wordDue = false
  /** What calls hear while code that cannot be loaded is not tried again. */
  #refusal: Failed | undefined
  #backOff: { readonly ms: number; readonly timer?: NodeJS.Timeout }
  #resting = false
  #lastTrouble = ''
  #closed: Failed | undefined

  constructor(code: FunctionCode, around: Surroundings) {
    this.#around = around
    this.#backOff = { ms: around.limits.firstBackOffMs }
    this.#now = { code, instances: new Map() }
    this.#startWanted()
  }

  /** @param gone aborts when nobody waits for the answer any more: a call that has not begun then never does */
  invoke(invocation: Invocation, gone: AbortSignal): Promise<Answer> {
    const { limits } = this.#around
    return new Promise((resolve) => {
      const refuse = (failed: Failed) => resolve({ outcome: { failed } })
      if (this.#closed !== undefined) return refuse(this.#closed)
      const one = { invocation, answer: resolve }
      const instance = this.#idleInstance()
      if (instance !== undefined) return void this.#run(this.#now, instance, one)
      if (this.#refusal !== undefined && this.#resting) return refuse(this.#refusal)
      if (this.#waiting.length + this.#countOf('busy') >= limits.instances + limits.waiting)
        return refuse(busy(limits.instances, limits.waiting))
      this.#waiting.push(one)
      gone.addEventListener('abort', () => {
        this.#waiting = this.#waiting.filter(({ answer }) => answer !== resolve)
      })
      this.#startWanted()
    })
  }

  /** Its files are changing: from now on no call begins with the old code. */
  change(): void {
    if (this.#settling) return
    this.#settling = true
    this.#wordDue = true
    this.#retire()
    this.#recovered()
  }

  /** Its files have changed, and are as `code` says. */
  settle(code: FunctionCode): void {
    this.change()
    this.#settling = false
    this.#now = { code, instances: new Map() }
    this.#startWanted()
  }

  /** Takes no more calls; those that run finish. */
  remove(): void {
    this.#close(notFound(this.#now.code.found.name))
    this.#retire()
  }

  /** Ends everything. @returns once no process is left */
  async stop(): Promise<void> {
    this.#close(hostStops)
    this.#retire()
    for (const instance of this.#living) instance.end()
    await Promise.all([...this.#living].map(({ ended }) => ended))
  }

  #close(failed: Failed): void {
    this.#closed = failed
    this.#recovered()
    this.#answerWaiting(failed)
  }

  #answerWaiting(failed: Failed): void {
    for (const { answer } of this.#waiting.splice(0)) answer({ outcome: { failed } })
  }

  /** The one that worked last: those that are not needed get to rest. */
  #idleInstance(): Instance | undefined {
    const idle = [...this.#now.instances].filter(([instance, { is }]) => is === 'idle' && !instance.isOver())
    return idle.at(-1)?.[0]
  }

  #countOf(state: State['is']): number {
    return [...this.#now.instances.values()].filter(({ is }) => is === state).length
  }

  /** Ends the instances of this code, but for those at work: they end when they are done. */
  #retire(): void {
    const { code, instances } = this.#now
    this.#now = { code, instances: new Map() }
    for (const [instance, state] of instances) {
      if (state.is === 'idle') clearTimeout(state.timer)
      if (state.is !== 'busy') instance.end()
    }
  }

  #recovered(): void {
    clearTimeout(this.#backOff.timer)
    this.#backOff = { ms: this.#around.limits.firstBackOffMs }
    this.#resting = false
    this.#refusal = undefined
    this.#lastTrouble = ''
  }

  /** Said once, however often it happens; and each time it is longer before the next try. */
  #troubled(failed: Failed): void {
    if (failed.message !== this.#lastTrouble) this.#around.troubled(failed)
    this.#lastTrouble = failed.message
    clearTimeout(this.#backOff.timer)
    const { ms } = this.#backOff
    const timer = setTimeout(() => {
      this.#resting = false
      this.#startWanted()
    }, ms)
    this.#resting = true
    this.#backOff = { ms: Math.min(ms * 2, this.#around.limits.mostBackOffMs), timer }
  }

  /** As many as calls wait; and one, so that the next call need not wait for it. */
  #startWanted(): void {
    if (this.#settling || this.#closed !== undefined) return
    const { limits, keepsOne } = this.#around
    const { instances } = this.#now
    // Code that could not be loaded is tried again when somebody calls it.
    const wantsOne = instances.size === 0 && !this.#resting && this.#refusal === undefined && keepsOne()
    const wanted = Math.max(this.#waiting.length, wantsOne ? 1 : 0) - this.#countOf('loading')
    for (let n = Math.min(wanted, limits.instances - instances.size); n > 0; n--) void this.#start(this.#now)
  }

  async #start(now: Generation): Promise<void> {
    const instance = this.#around.start(now.code)
    this.#living.add(instance)
    void instance.ended.then(() => this.#living.delete(instance))
    now.instances.set(instance, { is: 'loading' })
    const failed = await instance.loaded
    if (now !== this.#now) return
    if (failed !== undefined) return this.#unloadable(now, instance, failed)
    this.#loaded(now, instance)
    const ending = await instance.ended
    // Whoever ends one takes it out first; one that ends during a call is that call's to tell.
    const state = now.instances.get(instance)?.is
    if (now !== this.#now || state === undefined || state === 'busy') return
    now.instances.delete(instance)
    this.#troubled(exited(ending, now.code.settings.memoryMb))
    this.#startWanted()
  }

  #loaded(now: Generation, instance: Instance): void {
    this.#refusal = undefined
    if (this.#wordDue) this.#around.reloaded()
    this.#wordDue = false
    if (instance.isOver()) {
      // Code that ends its process as soon as it is loaded is not started again and again.
      now.instances.set(instance, { is: 'over' })
      this.#startWanted()
    } else this.#next(now, instance)
  }

  #unloadable(now: Generation, instance: Instance, failed: Failed): void {
    now.instances.delete(instance)
    // Where others of the same code were loaded they will serve the calls that wait.
    if (now.instances.size === 0) {
      this.#refusal = failed
      this.#answerWaiting(failed)
    }
    this.#troubled(failed)
  }

  async #run(now: Generation, instance: Instance, one: Waiting): Promise<void> {
    const state = now.instances.get(instance)
    if (state?.is === 'idle') clearTimeout(state.timer)
    now.instances.set(instance, { is: 'busy' })
    const { callOf, nowMs } = this.#around
    const began = nowMs()
    const outcome = await instance.invoke(callOf(one.invocation, now.code.settings))
    this.#over(one, outcome, nowMs() - began)
    if (now === this.#now && outcome !== 'not-begun' && 'json' in outcome) this.#recovered()
    this.#next(now, instance)
  }

  #over(one: Waiting, outcome: Outcome | 'not-begun', ranMs: number): void {
    if (this.#closed === hostStops) one.answer({ outcome: { failed: hostStops } })
    else if (outcome !== 'not-begun') one.answer({ outcome, ranMs })
    else if (this.#closed !== undefined) one.answer({ outcome: { failed: this.#closed } })
    // Code that ends its process as soon as it is loaded would have it tried for ever.
    else if (one.again === true) one.answer({ outcome: { failed: neverBegan } })
    else this.#waiting.unshift({ ...one, again: true })
  }

  /** Done with a call, or with loading. */
  #next(now: Generation, instance: Instance): void {
    const isOld = now !== this.#now || this.#closed !== undefined
    const one = isOld || instance.isOver() ? undefined : this.#waiting.shift()
    if (one !== undefined) return void this.#run(now, instance, one)
    now.instances.delete(instance)
    if (isOld) instance.end()
    else if (!instance.isOver()) this.#rest(now, instance)
    this.#startWanted()
  }

  #rest(now: Generation, instance: Instance): void {
    const timer = setTimeout(() => {
      if (now.instances.size === 1 && this.#around.keepsOne()) return
      now.instances.delete(instance)
      instance.end()
    }, this.#around.limits.idleMs)
    now.instances.set(instance, { is: 'idle', timer })
  }
}
