/** What the system says of a process, and of a PostgreSQL with all its processes. Asks from outside; owns no process. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Usage {
  /** User and system time of all its threads, since its start. */
  readonly cpuMs: number
  readonly rssBytes: number
}

/** `USER_HZ`, which is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100
const msOfTicks = (ticks: number) => (ticks / ticksPerSecond) * 1000

/** The numbers of `/proc/<pid>/stat` from the third field on: the second is a name and may hold anything. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function usageFromProc(pid: number): Usage {
  const fields = statOf(pid)
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return {
    cpuMs: msOfTicks(Number(fields[11]) + Number(fields[12])),
    rssBytes: Number(kilobytes) * 1024,
  }
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` */
function msOf(time: string): number {
  const [rest = '', days = '0'] = time.split('-').reverse()
  return rest.split(':').reduce((sum, piece) => sum * 60 + Number(piece), Number(days) * 24) * 1000
}

function usageFromPs(pid: number): Usage {
  const line = execFileSync('ps', ['-o', 'time=,rss=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  const [time = '', kilobytes = ''] = line.split(/\s+/)
  return { cpuMs: msOf(time), rssBytes: Number(kilobytes) * 1024 }
}

/** @returns undefined where the system does not tell */
export function usageOf(pid: number): Usage | undefined {
  try {
    return process.platform === 'linux' ? usageFromProc(pid) : usageFromPs(pid)
  } catch {
    return undefined
  }
}

/** @returns NaN where the system does not tell */
export function parentOf(pid: number): number {
  try {
    return Number(statOf(pid)[1])
  } catch {
    return Number.NaN
  }
}

/**
 * CPU of a process and of all that it ever started, those that ended included.
 * @returns NaN where the system does not tell
 */
export function familyCpuMs(pid: number): number {
  try {
    const fields = statOf(pid)
    const ownAndEnded = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0)
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
    const living = children.reduce((sum, child) => sum + (usageOf(child)?.cpuMs ?? 0), 0)
    return msOfTicks(ownAndEnded) + living
  } catch {
    return Number.NaN
  }
}
