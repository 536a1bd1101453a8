/**
 * Outlives the process that started a PostgreSQL, and takes the server and its folder away with it: however that
 * process ended, `kill -9` included. Hears the server's process id on standard input, a line each time it changes.
 */
import { rmSync } from 'node:fs'

const folder = process.argv[2] ?? ''
let heard = ''

process.stdin.setEncoding('utf8').on('data', (text) => {
  heard += text
})
process.stdin.on('end', () => {
  const pid = Number(heard.trim().split('\n').at(-1))
  if (Number.isInteger(pid) && pid > 1) {
    for (const signal of ['SIGQUIT', 'SIGCONT']) {
      try {
        process.kill(pid, signal)
      } catch {
        // Gone by itself.
      }
    }
  }
  // It removes its lock file last, and its children may still be writing.
  setTimeout(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 }), 2_000)
})
