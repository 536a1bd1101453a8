/** How the built program is started as a process of its own. */
import { fileURLToPath } from 'node:url'

const builtMain = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** Optimizing the embedded database is half of what a start computes, and a process of a test does not live to gain by it. */
export const builtProgram: readonly string[] = ['--liftoff-only', builtMain]
