/** Where log lines go: JSON for programs, lines for a terminal. A log that cannot be written never stops the server. */
import pino, { type DestinationStream, type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { LogLevel } from './settings.ts'

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

/** @param logTo in place of standard error */
export function openLog(level: LogLevel, logTo?: DestinationStream): Logger {
  if (logTo !== undefined) return pino({ level }, logTo)
  if (!process.stderr.isTTY) return pino({ level }, standardError(false))
  const lines = pretty({
    destination: standardError(true),
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  })
  return pino({ level }, lines)
}
