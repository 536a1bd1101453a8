/**
 * What `npm test` does once setup is through: lint, types, tests; stops at the first that fails.
 * `npm test -- src/protocol` hands what follows to vitest.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Entry points rather than `.bin`, whose files differ from system to system.
 * `biome check`, for `biome ci` colours its output even where nobody can see it.
 */
const steps = [
  ['test/node_modules/@biomejs/biome/bin/biome', 'check', '.'],
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.test.json'],
  ['node_modules/typescript/bin/tsc', '-p', 'src/console/tsconfig.json'],
  ['test/node_modules/vitest/vitest.mjs', 'run', '-c', 'test/vitest.config.ts', ...process.argv.slice(2)],
]

for (const [script = '', ...args] of steps) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
