/**
 * `npm run simulate -- --seeds N [--seed S]`: so many histories of the closing engine, from seed S on (1), or the one of
 * seed S alone. What is wrong is printed with the command that shows it again.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const { seeds, seed } = parseArgs({ options: { seeds: { type: 'string' }, seed: { type: 'string' } } }).values
const count = seeds ?? (seed === undefined ? '1000' : '1')
if (![count, seed ?? '1'].every((text) => /^[1-9]\d{0,8}$/.test(text))) {
  process.stderr.write('用法 / usage: npm run simulate -- --seeds N [--seed S]\n')
  process.exit(1)
}
const args = [
  'run',
  '-c',
  'test/vitest.config.ts',
  '--project',
  'embedded',
  'test/simulation',
  '-t',
  'histories keep',
]
const { status } = spawnSync(process.execPath, [join(root, 'test/node_modules/vitest/vitest.mjs'), ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, CLOUDPAY_SIMULATE_SEEDS: count, CLOUDPAY_SIMULATE_FROM: seed ?? '1' },
})
process.exit(status ?? 1)
