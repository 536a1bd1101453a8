import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Test-only packages live in test/, so that `npm start` never fetches them; unit tests in src/ find them here. */
const inTest = (path: string) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url))

/** What is told on every database: whole stories over HTTP, and the ledger alone. */
const onEveryDatabase = ['test/stories/**/*.test.ts', 'src/ledger/*.test.ts']
/**
 * Told of doors before any database is asked, of whom many wait for the clock on the wall, or of days that go by in thousands
 * of small statements: once is enough.
 */
const toldOnce = [
  'why-missigned',
  'visitors',
  'bad-input',
  'cloud-run-bad-input',
  'v2-bad-input',
  'asked-channel',
  'request-log',
].map((story) => `test/stories/${story}.test.ts`)
/** Mostly waiting for targets and pages; what parts could change of it is the ledger's, which is tried with eight by itself. */
const notInParts = ['callbacks', 'watching'].map((story) => `test/stories/${story}.test.ts`)
const exclude = ['**/node_modules/**']

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { alias: { vitest: inTest('vitest/dist/index.js'), 'fast-check': inTest('fast-check') } },
  test: {
    exclude,
    globalSetup: 'test/support/before-all.ts',
    // Each embedded database takes up to 0.8 GB: two at a time.
    maxWorkers: 2,
    // What is imported once serves every file of a worker: nothing of ours keeps state in a module that a test could meet.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'embedded', include: ['src/**/*.test.ts', 'test/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: onEveryDatabase,
          exclude: [...exclude, ...toldOnce],
          env: { CLOUDPAY_TEST_ON: 'postgres' },
        },
      },
      {
        extends: true,
        test: {
          name: 'eight parts',
          include: onEveryDatabase,
          exclude: [...exclude, ...toldOnce, ...notInParts],
          env: { CLOUDPAY_TEST_ON: 'postgres', CLOUDPAY_TEST_PARTS: '8' },
        },
      },
    ],
  },
})
