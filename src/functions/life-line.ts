/**
 * A thread beside that of a function's code, which may be in an endless loop and hear nothing: ends the process when
 * the host is gone, however that ended, and when it takes more memory than it may.
 */
import { Socket } from 'node:net'
import { workerData } from 'node:worker_threads'
import { lifeLineFd, processAllowanceMb } from './process-limits.ts'

const { memoryMb }: { memoryMb: number } = workerData
const maxBytes = (memoryMb + processAllowanceMb) * 1024 * 1024
const everyMs = 200

/** With all that the code started: the process leads a group of its own. */
const end = () => {
  if (process.platform !== 'win32') process.kill(-process.pid, 'SIGKILL')
  process.kill(process.pid, 'SIGKILL')
}

// The host writes nothing: the line closes with its last holder.
const line = new Socket({ fd: lifeLineFd })
line.on('error', end).on('close', end).resume()

setInterval(() => {
  if (process.memoryUsage.rss() > maxBytes) line.write('memory', end)
}, everyMs)
