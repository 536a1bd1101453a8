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

const isFrame = (line: string) => /^\s+at /.test(line)
const isForeign = (line: string) => /[( ]node:|[\\/]node_modules[\\/]/.test(line)
/** Where no file of the function's own stands in it: as many of the others as give a clue. */
const fewFrames = 3

/** Of the function's own files: those of Node and of packages are of use to nobody who mends a function. */
function stackOf(error: Error): string {
  const lines = inspect(error, { depth: 3 })
    .split('\n')
    .filter((line) => !line.includes(ours))
  const hasOwn = lines.some((line) => isFrame(line) && !isForeign(line))
  let foreign = 0
  return lines
    .filter((line) => !(isFrame(line) && isForeign(line) && (hasOwn || ++foreign > fewFrames)))
    .join('\n')
    .slice(0, maxStack)
}

export function thrown(error: unknown): { message: string; stack?: string } {
  try {
    const message = inLine(inWords(error))
    return types.isNativeError(error) ? { message, stack: stackOf(error) } : { message }
  } catch {
    return { message: '(something that cannot be printed)' }
  }
}
