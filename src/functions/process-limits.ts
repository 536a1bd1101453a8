/** What the host and the processes that it starts must agree on. */

/** Beside standard input, output, error and Node's own channel. */
export const lifeLineFd = 4

/**
 * What a process may take beyond its function's memory: Node itself, and room for what is freed late. V8 keeps the
 * function's objects within the memory; only Buffers and the like come this far.
 */
export const processAllowanceMb = 128
