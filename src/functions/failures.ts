/** Why a function gave no result, in words: a line in both languages each. Owns the texts; when, the instances know. */
import type { Invoked } from '../protocol/function-host.ts'
import type { Text } from '../protocol/text.ts'
import { type FromInstance, maxJsonBytes } from './messages.ts'

export type Failed = Extract<Invoked, { failed: unknown }>['failed']

/** What a call came to: the result as JSON, or why there is none. */
export type Outcome = { readonly json: string } | { readonly failed: Failed }

/** How a process ended, and the last that is known of why. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly uncaught?: { readonly message: string; readonly stack?: string | undefined } | undefined
  readonly outOfMemory: boolean
  /** The system did not start it at all. */
  readonly unstarted?: string | undefined
}

const both = ({ zh, en }: Text) => `${zh} / ${en}`

const withStack = (stack: string | undefined) => (stack === undefined ? {} : { stack })

export const notFound = (name: string): Failed => ({
  why: 'not-found',
  message: both({ zh: `没有云函数 ${name}`, en: `there is no function ${name}` }),
})

export const busy = (instances: number, waiting: number): Failed => ({
  why: 'busy',
  message: both({
    zh: `${instances} 个实例都在运行，另有 ${waiting} 个调用在等待`,
    en: `all ${instances} instances are at work, and ${waiting} calls wait`,
  }),
})

export const timedOut = (timeoutMs: number): Failed => ({
  why: 'timeout',
  message: both({
    zh: `${timeoutMs / 1_000} 秒内没有返回，已终止；可在函数的 config.json 中设置 "timeout"（秒）`,
    en: `no result within ${timeoutMs / 1_000} s, ended; "timeout" (seconds) in the function's config.json sets another limit`,
  }),
})

/** @returns what happened to a process, without saying when */
function endingText(ending: Ending, memoryMb: number): Text {
  const { code, signal, uncaught, outOfMemory, unstarted } = ending
  if (unstarted !== undefined)
    return { zh: `进程无法启动：${unstarted}`, en: `its process could not be started: ${unstarted}` }
  if (outOfMemory) {
    return {
      zh: `内存超过 ${memoryMb} MB，进程已终止；可在 cloudbaserc.json 中设置 memorySize`,
      en: `it used more than ${memoryMb} MB of memory and was ended; memorySize in cloudbaserc.json sets another limit`,
    }
  }
  if (uncaught !== undefined) {
    return {
      zh: `未捕获的异常使进程退出：${uncaught.message}`,
      en: `nobody caught this, and its process ended: ${uncaught.message}`,
    }
  }
  return signal === null
    ? { zh: `进程退出，退出码 ${code ?? 0}`, en: `its process exited with code ${code ?? 0}` }
    : { zh: `进程被信号 ${signal} 终止`, en: `its process was ended by ${signal}` }
}

export const exited = (ending: Ending, memoryMb: number): Failed => ({
  why: 'exited',
  message: both(endingText(ending, memoryMb)),
  ...withStack(ending.uncaught?.stack),
})

export const neverBegan: Failed = {
  why: 'exited',
  message: both({
    zh: '进程在调用开始前退出，重试后仍然如此',
    en: 'its process ended before the call began, and so did the next one',
  }),
}

export const hostStops: Failed = {
  why: 'exited',
  message: both({ zh: '云函数服务正在停止', en: 'the host of the functions is stopping' }),
}

export const diedLoading = (ending: Ending, memoryMb: number): Failed => {
  const { zh, en } = endingText(ending, memoryMb)
  return {
    why: 'load',
    message: both({ zh: `加载时${zh}`, en: `while it was loaded, ${en}` }),
    ...withStack(ending.uncaught?.stack),
  }
}

export const loadedTooLong = (loadMs: number): Failed => ({
  why: 'load',
  message: both({
    zh: `${loadMs / 1_000} 秒内没有加载完`,
    en: `it was not loaded within ${loadMs / 1_000} s`,
  }),
})

export const noMain = (entry: string): Failed => ({
  why: 'load',
  message: both({
    zh: `${entry} 没有导出 main 函数（exports.main = async (event, context) => { … }）`,
    en: `${entry} exports no function main (exports.main = async (event, context) => { … })`,
  }),
})

/** Of a package that is not installed: by far the commonest cause, and mended by one command. */
const installHint = (missing: string, folder: string): string =>
  both({
    zh: `缺少依赖 ${missing}：请在 ${folder} 中运行 npm install（package.json 里没有它时运行 npm install ${missing}）`,
    en: `the package ${missing} is not installed: run npm install in ${folder} (npm install ${missing} where package.json does not list it)`,
  })

export const unloadable = (
  { message, stack, missing }: Extract<FromInstance, { kind: 'unloadable' }>,
  folder: string,
): Failed => ({
  why: 'load',
  message: missing === undefined ? message : installHint(missing, folder),
  // Where it was asked for says nothing that the line does not.
  ...withStack(missing === undefined ? stack : undefined),
})

export const tooLarge = (bytes: number): Failed => ({
  why: 'answer',
  message: both({
    zh: `返回值为 ${bytes} 字节，超过 ${maxJsonBytes} 字节`,
    en: `the result has ${bytes} bytes, more than ${maxJsonBytes}`,
  }),
})

export const unspeakable = (message: string): Failed => ({
  why: 'answer',
  message: both({ zh: `返回值不能表示为 JSON：${message}`, en: `the result is no JSON: ${message}` }),
})

export const threw = (message: string, stack: string | undefined): Failed => ({
  why: 'threw',
  message,
  ...withStack(stack),
})
