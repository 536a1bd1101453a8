/** The terminal as commands use it: lines, a question, a bar. Nothing but plain lines where nobody is watching. */
import type { Readable, Writable } from 'node:stream'
import { styleText } from 'node:util'
import type { Language, Text } from '../protocol/text.ts'

export interface Bar {
  /** @param by one, unless it is said */
  advance(by?: number): void
  /** Leaves the bar as it is, and the line free. */
  stop(): void
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'
export type Paint = (style: Style, text: string) => string

export interface Terminal {
  readonly language: Language
  /** Whether a person can be asked. */
  readonly isInteractive: boolean
  /** Standard output is a terminal, no file and no other program. */
  readonly isWatched: boolean
  /** To standard output. */
  print(line: string): void
  /** To standard error. */
  warn(text: Text): void
  /** Colours where standard output shows them; the text as it is elsewhere. */
  readonly paint: Paint
  /** @returns false where the answer is no, or none */
  confirm(question: string): Promise<boolean>
  /** @returns undefined where nobody is watching */
  bar(total: number): Promise<Bar | undefined>
  /** Settles when nobody reads standard output any more. */
  readonly unread: Promise<void>
}

type Stream<Kind> = Kind & { readonly isTTY?: boolean | undefined; hasColors?(): boolean }

export interface Streams {
  readonly in: Stream<Readable>
  readonly out: Stream<Writable>
  readonly err: Stream<Writable>
}

async function confirm({ in: input, err: output }: Streams, question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input, output })
  const gone = new AbortController()
  // Ctrl+C and Ctrl+D are no as well.
  lines.once('SIGINT', () => gone.abort())
  lines.once('close', () => gone.abort())
  try {
    return /^(y|yes|是)$/i.test((await lines.question(`${question} [y/N] `, { signal: gone.signal })).trim())
  } catch (error) {
    if (!gone.signal.aborted) throw error
    output.write('\n')
    return false
  } finally {
    lines.close()
  }
}

async function shownBar(stream: Writable, total: number): Promise<Bar> {
  const { SingleBar, Presets } = (await import('cli-progress')).default
  const bar = new SingleBar(
    {
      stream,
      format: '{bar} {percentage}%  {value}/{total}  {eta_formatted}',
      gracefulExit: false,
      etaBuffer: 200,
    },
    Presets.shades_classic,
  )
  bar.start(total, 0)
  return { advance: (by = 1) => bar.increment(by), stop: () => bar.stop() }
}

/** What a command says of itself, on standard error. */
export const remark = (text: Text, language: Language) => `cloudpay: ${text[language]}\n`

export function openTerminal(streams: Streams, language: Language): Terminal {
  const { in: input, out, err } = streams
  // Honours NO_COLOR, FORCE_COLOR and TERM.
  const colourful = out.isTTY === true && out.hasColors?.() === true
  return {
    language,
    isInteractive: input.isTTY === true && err.isTTY === true,
    isWatched: out.isTTY === true,
    print: (line) => void out.write(`${line}\n`),
    warn: (text) => void err.write(remark(text, language)),
    paint: (style, text) => (colourful ? styleText(style, text, { validateStream: false }) : text),
    confirm: (question) => confirm(streams, question),
    bar: async (total) => (err.isTTY === true ? shownBar(err, total) : undefined),
    unread: new Promise((resolve) => out.once('error', () => resolve())),
  }
}
