/**
 * Processes that a test starts: they end with it, however it ends, each by its own id. Who starts one in a hook ends it in the
 * hook that belongs to it; what is left then ends with the worker.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

const graceMs = 5_000
/** The benchmark starts the same processes, and has no tests that they could end with. */
const tests = process.env.VITEST === undefined ? undefined : await import('vitest')
const living = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  // It ends what it started itself; one that hangs, or is stopped, does not.
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await ended
  clearTimeout(timer)
}

export function owned<Child extends ChildProcess>(child: Child): Child {
  living.add(child)
  child.once('exit', () => living.delete(child))
  try {
    tests?.onTestFinished(() => end(child))
  } catch {
    // No test runs: a hook started it.
  }
  return child
}
