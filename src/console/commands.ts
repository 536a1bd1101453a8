/** Commands for a terminal, as they work with this very server; the same for texts of the server that name one. */
import { defaultServerUrl } from '../client/sdk-variables.ts'
import { envId, program } from './session.ts'

/** What commands take for granted is left out. */
const flags = () => [
  ...(location.origin === defaultServerUrl ? [] : [`--url ${location.origin}`]),
  ...(envId.value === 'sandbox' ? [] : [`--env-id ${envId.value}`]),
]

/** @param name such as `dev` or `clock next`. @param rest what stands behind its flags */
export const command = (name: string, rest = '') =>
  [program.value, name, ...flags(), rest].filter((piece) => piece !== '').join(' ')

const named =
  /(?<![\w/-])cloudpay ((?:orders|callbacks|clock|faults|env) [a-z]+|dev|run|close|prove|pay|refund)\b/g

/** What a person is likely to have, in the place of a name in angle brackets, which a shell takes for a redirection. */
export const folderExample = './cloudfunctions'
export const containerExample = '--container pay=http://127.0.0.1:8080 -- node container.js'

/** A text of the server, which calls the program by its own name, with commands that can be taken as they are. */
export const runnable = (text: string): string => text.replace(named, (_, name: string) => command(name))

/** Commands as they stand in sentences, up to what no command has; what a shell would take for more than a word is quoted. */
const inSentence = () => {
  const begins = program.value.replace(/[^\w ]/g, '\\$&')
  return new RegExp(`(?<!\`)${begins}(?: (?:'[^']*'|\\\\'|[\\w./:=@%+-])+)+(?<![.:])`, 'g')
}

/** Between backquotes, as code is marked. */
export const marked = (text: string): string => text.replace(inSentence(), '`$&`')

export const isCommand = (piece: string): boolean => piece.startsWith(`${program.value} `)
