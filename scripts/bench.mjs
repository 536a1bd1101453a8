/** `npm run bench -- …`: compiles `bench/` with the sources it measures, and runs it with what follows. */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** @param {string[]} args */
function node(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

// What was deleted in the sources must not live on here.
for (const folder of ['bench', 'src', 'test'])
  rmSync(join(root, '.build', folder), { recursive: true, force: true })
node(join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'bench/tsconfig.json'))
node(join(root, '.build/bench/main.js'), ...process.argv.slice(2))
