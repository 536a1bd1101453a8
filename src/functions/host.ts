/**
 * A host of cloud functions: a folder of them, watched, and a door on loopback through which the server calls them.
 * Owns start and stop of the parts.
 */
import { fileURLToPath } from 'node:url'
import { openDoor } from './door.ts'
import { type FunctionsSetUp, HostedFunctions } from './hosted-functions.ts'
import { hostLimits } from './limits.ts'
import { watchFunctions } from './watch.ts'

export interface HostSetUp
  extends Omit<FunctionsSetUp, 'limits' | 'runner'>,
    Partial<Pick<FunctionsSetUp, 'limits' | 'runner'>> {
  /** Whoever knows it may call. */
  readonly token: string
}

export interface RunningHost {
  /** Where the server calls: without path. */
  readonly url: string
  names(): string[]
  /** Ends everything. @returns once no process is left, and all who wait for an answer have one */
  close(): Promise<void>
}

const builtRunner = fileURLToPath(new URL('./runner.js', import.meta.url))

const blind = (error: unknown) => ({
  zh: `无法监视文件变化，改动代码后请重新启动：${error}`,
  en: `changes of files are not seen, start again after a change: ${error}`,
})

/** @returns once it can be called; the functions may still be loading */
export async function startHost(given: HostSetUp): Promise<RunningHost> {
  const setUp = { limits: hostLimits, runner: builtRunner, ...given }
  let functions: HostedFunctions | undefined
  let settling: NodeJS.Timeout | undefined
  // Before the first look: what changes after it is seen.
  const watch = await watchFunctions(
    setUp.folder,
    (name) => {
      functions?.change(name)
      clearTimeout(settling)
      settling = setTimeout(() => functions?.settle(), setUp.limits.settleMs)
    },
    (error) => setUp.screen.say(blind(error)),
  )
  const hosted = new HostedFunctions(setUp)
  functions = hosted
  const door = await openDoor(setUp.token, (invocation, gone) => hosted.invoke(invocation, gone))
  return {
    url: door.url,
    names: () => hosted.names(),
    async close() {
      await watch.close()
      clearTimeout(settling)
      await hosted.stop()
      await door.close()
    },
  }
}
