import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Test-only packages live in test/, so that `npm start` never fetches them; unit tests in src/ find them here. */
const inTest = (path: string) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url))

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { alias: { vitest: inTest('vitest/dist/index.js'), 'fast-check': inTest('fast-check') } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    // Each embedded database takes up to 0.8 GB: two at a time.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
