/** The facts of a log line as a person reads them: `name=value`, in the order in which they were given, its id at the end. */
import { printable } from '../protocol/printable.ts'

/** Said elsewhere in the line, or the same in all of them. */
const unsaid: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'hostname', 'msg'])

function valueText(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toFixed(1)
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  const plain = printable(text)
  return typeof value === 'string' && /[\s="]/.test(plain) ? JSON.stringify(plain) : plain
}

/** @returns what follows the message, beginning with a gap; nothing where there are no facts */
export const factsText = (line: Readonly<Record<string, unknown>>): string =>
  Object.entries(line)
    .filter(([name, value]) => !unsaid.has(name) && value !== undefined)
    .sort(([one], [other]) => Number(one === 'id') - Number(other === 'id'))
    .map(([name, value], at) => `${at === 0 ? '  ' : ' '}${name}=${valueText(value)}`)
    .join('')
