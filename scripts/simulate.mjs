/**
 * `npm run simulate -- --seeds N [--seed S]`: so many histories of the closing engine, from seed S on (1), or the one of
 * seed S alone. `npm run simulate -- --minutes M [--seed S]`: real gateways on a real PostgreSQL instead, and what befalls
 * them, for about so long. `npm run simulate -- --walk`: every interleaving of two attempts at one purchase, by the steps of the
 * closing engine alone, which takes minutes and some gigabytes. What is wrong is printed with the command that shows it again.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const text = { type: /** @type {const} */ ('string') }
const { seeds, seed, minutes, walk } = parseArgs({
  options: { seeds: text, seed: text, minutes: text, walk: { type: 'boolean' } },
}).values
const count = seeds ?? (seed === undefined ? '1000' : '1')
const isNumber = /** @param {string} given */ (given) => /^[1-9]\d{0,8}$/.test(given)
const isWalkAlone = seeds === undefined && seed === undefined && minutes === undefined
const isUsable = walk
  ? isWalkAlone
  : minutes === undefined
    ? isNumber(count) && isNumber(seed ?? '1')
    : seeds === undefined && isNumber(seed ?? '1') && /^\d{1,4}(\.\d+)?$/.test(minutes) && Number(minutes) > 0
if (!isUsable) {
  process.stderr.write('用法 / usage: npm run simulate -- [--seeds N | --minutes M] [--seed S] | --walk\n')
  process.exit(1)
}
/** @type {[which: string[], variables: Record<string, string>]} */
const [which, variables] = walk
  ? [['src/engine/asking/order-steps.test.ts'], { CLOUDPAY_WALK: 'whole' }]
  : minutes === undefined
    ? [
        ['test/simulation', '-t', 'histories keep'],
        { CLOUDPAY_SIMULATE_SEEDS: count, CLOUDPAY_SIMULATE_FROM: seed ?? '1' },
      ]
    : [
        ['test/processes/disasters.test.ts'],
        { CLOUDPAY_DISASTERS_MINUTES: minutes, CLOUDPAY_DISASTERS_SEED: seed ?? '1' },
      ]
const args = ['run', '-c', 'test/vitest.config.ts', '--project', 'embedded', ...which]
const { status } = spawnSync(
  process.execPath,
  [
    ...(walk ? ['--max-old-space-size=8000'] : []),
    join(root, 'test/node_modules/vitest/vitest.mjs'),
    ...args,
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...variables },
  },
)
process.exit(status ?? 1)
