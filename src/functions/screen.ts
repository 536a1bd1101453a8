/**
 * What a person reads of the functions: their own output, each line under the function's name, and a line a call.
 * Owns the form; where it goes is the caller's.
 */

import type { Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { faultOfResult } from '../protocol/acknowledgement.ts'
import type { Invocation } from '../protocol/function-host.ts'
import type { Language, Text } from '../protocol/text.ts'
import type { Failed, Outcome } from './failures.ts'

export interface CallTime {
  /** That the code had the call; undefined when it never did. */
  readonly ranMs: number | undefined
  /** For an instance: one that works, or one that is being loaded. */
  readonly waitedMs: number
}

export interface Screen {
  /** Shows what a function prints, line by line, for as long as it prints. */
  follow(name: string, stream: NodeJS.ReadableStream, to: 'out' | 'err'): void
  /** A call that is over. */
  call(name: string, source: string, time: CallTime, outcome: Outcome): void
  /** Trouble that no call stands for: code that cannot be loaded. */
  trouble(name: string, failed: Failed): void
  /** Of the host itself, or of one function. */
  say(text: Text, name?: string): void
}

interface Streams {
  readonly out: Writable
  readonly err: Writable
  readonly language: Language
  /** A terminal that shows colours. */
  readonly colours: boolean
}

/** A callback has to be acknowledged: what else it returned, the server sends again. */
const ofPayments: Invocation['caller']['source'] = 'wx_paycallback'

/** Of a result; all of it is the caller's to look at. */
const maxShown = 200
/** A line without an end is shown in pieces, or when nothing more comes for a while. */
const maxLine = 64 * 1024
const unendedMs = 50

const colourCodes = [36, 35, 33, 32, 34, 96, 95, 93, 92, 94]
const red = 31

const coloured = (code: number, text: string) => `\u001b[${code}m${text}\u001b[39m`

/** The same name has the same colour in every run. */
const colourOf = (name: string) =>
  colourCodes[
    [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % colourCodes.length
  ] ?? 0

const worthAWordMs = 100
const waited: Text = { zh: '等待', en: 'waited' }

function timeText({ ranMs, waitedMs }: CallTime, language: Language): string {
  const ran = ranMs === undefined ? '' : ` ${Math.round(ranMs)} ms`
  return waitedMs < worthAWordMs ? ran : `${ran} (${waited[language]} ${Math.round(waitedMs)} ms)`
}

const shortened = (json: string) => (json.length > maxShown ? `${json.slice(0, maxShown)}…` : json)

/** Cuts a stream of bytes into lines. @returns lines that are whole; the rest waits */
function lineCutter() {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    cut(bytes: Buffer): string[] {
      const lines = (rest + decoder.write(bytes)).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length <= maxLine) return lines
      const piece = rest
      rest = ''
      return [...lines, piece]
    },
    /** What waits for the end of its line. */
    take(): string[] {
      const line = rest
      rest = ''
      return line === '' ? [] : [line]
    },
  }
}

/** Waits while nobody reads what was written: a function that prints without end must not fill our memory. */
async function room(stream: Writable): Promise<void> {
  if (!stream.writableNeedDrain || stream.destroyed) return
  await new Promise<void>((resolve) => {
    const events = ['drain', 'close', 'error']
    const over = () => {
      for (const event of events) stream.off(event, over)
      resolve()
    }
    for (const event of events) stream.on(event, over)
  })
}

export function openScreen({ out, err, language, colours }: Streams): Screen {
  // As many functions as there are may wait for room.
  for (const stream of [out, err]) stream.setMaxListeners(0)
  const prefix = (name: string) => (colours ? coloured(colourOf(name), `[${name}]`) : `[${name}]`)
  const write = (to: 'out' | 'err', lines: readonly string[], name?: string) => {
    const start = name === undefined ? 'cloudpay:' : prefix(name)
    const stream = to === 'out' ? out : err
    if (lines.length > 0 && !stream.destroyed)
      stream.write(lines.map((line) => `${start} ${line.replace(/\r$/, '')}\n`).join(''))
  }
  const bad = (text: string) => (colours ? coloured(red, text) : text)
  const failure = (start: string, { why, message, stack }: Failed, name: string) => {
    // What nobody caught, Node has printed as the process ended.
    const more = why === 'exited' ? undefined : stack
    write('err', [bad(`${start} ${message}`), ...(more?.split('\n') ?? [])], name)
  }

  async function copy(name: string, stream: NodeJS.ReadableStream, to: 'out' | 'err'): Promise<void> {
    const lines = lineCutter()
    let timer: NodeJS.Timeout | undefined
    try {
      for await (const bytes of stream) {
        clearTimeout(timer)
        write(to, lines.cut(Buffer.from(bytes)), name)
        await room(to === 'out' ? out : err)
        timer = setTimeout(() => write(to, lines.take(), name), unendedMs)
      }
    } catch {
      // The process was ended while it printed.
    }
    clearTimeout(timer)
    write(to, lines.take(), name)
  }

  return {
    follow: (name, stream, to) => void copy(name, stream, to),
    call(name, source, time, outcome) {
      const facts = `${source}${timeText(time, language)}`
      if ('failed' in outcome) return failure(`${outcome.failed.why} ${facts}`, outcome.failed, name)
      const fault = source === ofPayments ? faultOfResult(JSON.parse(outcome.json)) : undefined
      if (fault === undefined) write('out', [`ok ${facts} ${shortened(outcome.json)}`], name)
      else write('err', [bad(`${fault.code} ${facts} ${fault.text[language]}`)], name)
    },
    trouble: (name, failed) => failure(failed.why, failed, name),
    say: (text, name) => write('out', [text[language]], name),
  }
}
