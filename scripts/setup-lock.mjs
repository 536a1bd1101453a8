/**
 * One setup at a time in one clone: `npm ci` begins by deleting node_modules, also from under a second run.
 * Owns `.build/setup.lock`, which holds the process id; that of a dead process counts for nothing.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const lock = join(fileURLToPath(new URL('..', import.meta.url)), '.build', 'setup.lock')
const pollMs = 200
const oldestMs = 15 * 60_000

/** @param {unknown} error @param {string} code */
const hasCode = (error, code) => error instanceof Error && 'code' in error && error.code === code

function take() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

/** A process id may be given again, above all in containers: no setup takes longer than `oldestMs`. */
function holderLives() {
  try {
    if (Date.now() - statSync(lock).mtimeMs > oldestMs) return false
    const pid = Number(readFileSync(lock, 'utf8'))
    // Empty: the holder is between making the file and writing it.
    if (pid === 0) return true
    if (pid === process.pid) return false
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It runs, as another user.
    return hasCode(error, 'EPERM')
  }
}

/**
 * @param {() => void} work
 * @param {() => void} onWait called once, before the first wait
 */
export async function alone(work, onWait) {
  mkdirSync(dirname(lock), { recursive: true })
  for (let waits = 0; !take(); ) {
    if (!holderLives()) {
      rmSync(lock, { force: true })
      continue
    }
    if (waits++ === 0) onWait()
    await setTimeout(pollMs)
  }
  const release = () => rmSync(lock, { force: true })
  // When the work gives up with `process.exit`, no `finally` runs.
  process.once('exit', release)
  try {
    work()
  } finally {
    process.off('exit', release)
    release()
  }
}
