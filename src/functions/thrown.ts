/** Whatever code may throw, in words: a line, and a stack if it has one. Never throws itself. */
import { inspect, types } from 'node:util'

const maxMessage = 1_000
const maxStack = 8_000

/** The end of every stack, and nobody's concern. */
const ours = new URL('./runner.', import.meta.url).href

const inLine = (text: string) => text.replace(/\s*\n\s*/g, ' ').slice(0, maxMessage)

function inWords(error: unknown): string {
  if (typeof error === 'string') return error
  if (types.isNativeError(error)) return String(error)
  // The SDK's older versions reject with plain objects: { errCode, errMsg }.
  return inspect(error, { depth: 3, breakLength: Number.POSITIVE_INFINITY })
}

const stackOf = (error: Error) =>
  inspect(error, { depth: 3 })
    .split('\n')
    .filter((line) => !line.includes(ours))
    .join('\n')
    .slice(0, maxStack)

export function thrown(error: unknown): { message: string; stack?: string } {
  try {
    const message = inLine(inWords(error))
    return types.isNativeError(error) ? { message, stack: stackOf(error) } : { message }
  } catch {
    return { message: '(something that cannot be printed)' }
  }
}
