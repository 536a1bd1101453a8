/**
 * `npm run bench -- helper`: how soon a test has its sandbox: `startSandbox` of `opencloudpay/testing`, in a process that
 * is new, and again in the same one; against a first time, when the image of its database has to be made.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fixed, say, table } from './report.ts'
import type { Section } from './section.ts'
import { median } from './statistics.ts'

const usual = 7
const quick = 3

/** From `.build/bench/`, where this runs. */
const helper = new URL('../../dist/testing/index.js', import.meta.url)

const program = `
  const begun = performance.now()
  const { startSandbox } = await import(${JSON.stringify(helper.href)})
  const loaded = performance.now()
  const first = await startSandbox()
  const started = performance.now()
  const second = await startSandbox()
  const again = performance.now()
  console.log(JSON.stringify({ load: loaded - begun, first: started - loaded, again: again - started }))
  await Promise.all([first.stop(), second.stop()])
`

interface Times {
  readonly load: number
  readonly first: number
  readonly again: number
}

async function start(cache: string): Promise<Times> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: fileURLToPath(new URL('.', helper)),
    env: { ...process.env, XDG_CACHE_HOME: cache },
  })
  return JSON.parse(stdout)
}

async function run(base: string, count: number): Promise<void> {
  const made: Times[] = []
  const kept: Times[] = []
  for (let round = 0; round < count; round++) {
    const cache = join(base, String(round))
    made.push(await start(cache))
    kept.push(await start(cache))
  }
  const row = (name: string, times: readonly number[]) => [
    name,
    fixed(median(times), 0),
    fixed(median(times.map((time, round) => time / (made[round]?.first ?? Number.NaN))), 2),
  ]
  say(
    table(
      ['startSandbox()', 'ms', '× first time'],
      [
        row(
          'first time: the image is made (reference)',
          made.map(({ first }) => first),
        ),
        row(
          'new process, image there',
          kept.map(({ first }) => first),
        ),
        row(
          'same process again: warmed',
          kept.map(({ again }) => again),
        ),
        row(
          '(loading the modules, besides)',
          kept.map(({ load }) => load),
        ),
      ],
    ),
  )
}

export const testingHelper: Section = {
  title: '测试助手的启动时间 / how soon a test has its sandbox',
  run: (base, { isQuick }) => run(base, isQuick ? quick : usual),
}
