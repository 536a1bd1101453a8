/** Where log lines go: JSON for programs, lines for a person at a terminal. A log that cannot be written never stops the server. */
import pino, { type DestinationStream, type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { Config } from './config.ts'
import { factsText } from './log-facts.ts'

/** Lines that wait for a slow reader; more are dropped. */
const mostWaitingBytes = 4 * 1024 * 1024

/**
 * Standard error. When it cannot be written (a full disk, a reader that is gone) lines are dropped from then on: the
 * stream's own way is to end the process, and on its way out to try again for ever (observed: sonic-boom 4).
 */
function standardError(sync: boolean) {
  const stream = pino.destination({ dest: 2, sync, maxLength: mostWaitingBytes })
  stream.removeAllListeners('error')
  stream.on('error', () => {
    stream.write = () => true
    stream.flush = (done) => done?.()
    stream.flushSync = () => {}
    stream.end = () => {}
  })
  return stream
}

/** Time, level, what, and the facts behind it. */
const lines = (colours: boolean) =>
  pretty({
    destination: standardError(true),
    colorize: colours,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    // Our own: the library's are JSON again.
    hideObject: true,
    messageFormat: (line, messageKey, _level, { colors }) =>
      `${line[messageKey]}${colors.gray(factsText(line))}`,
  })

/** @param logTo in place of standard error */
export function openLog(
  { logLevel, logForm }: Pick<Config, 'logLevel' | 'logForm'>,
  logTo?: DestinationStream,
): Logger {
  if (logTo !== undefined) return pino({ level: logLevel }, logTo)
  const { stderr } = process
  const form = logForm ?? (stderr.isTTY ? 'text' : 'json')
  if (form === 'json') return pino({ level: logLevel }, standardError(false))
  // Honours NO_COLOR, FORCE_COLOR and TERM.
  return pino({ level: logLevel }, lines(stderr.isTTY === true && stderr.hasColors()))
}
