/** What a person should know though nothing stops: one line, both languages. */
import type { Text } from '../protocol/text.ts'

export const warn = ({ zh, en }: Text): void => {
  process.stderr.write(`cloudpay: ${zh} / ${en}\n`)
}
