/** How a reader calls the program again, wherever they are and however they called it. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { howCalled } from './how-called.ts'

const clone = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const main = fileURLToPath(new URL('./main.js', import.meta.url))
const script = `node ${main}`
const project = '/work/shop'

/** @param there files and folders that exist, besides those of the clone */
const called = (program: string, folder: string, there: readonly string[] = [], npmCommand?: string) =>
  howCalled({
    program,
    folder,
    npmCommand,
    exists: (path) => path === `${clone}/package.json` || there.includes(path),
  })

test('by its name, where the shell found it so', () => {
  expect(called('/usr/local/bin/cloudpay', project)).toMatchObject({ here: 'cloudpay', anywhere: 'cloudpay' })
})

test.each([
  ['the folder itself', clone, true],
  ['a folder below', `${clone}/docs`, false],
])('in a clone, %s: by npx, and from elsewhere by its path', (_, folder, inClone) => {
  expect(called(main, folder)).toEqual({ here: 'npx opencloudpay', anywhere: script, inClone })
})

test('a package within the clone is one of its own: npx would fetch a stranger there', () => {
  const folder = `${clone}/examples/container`
  expect(called(main, folder, [`${folder}/package.json`]).here).toBe(script)
})

test('in a project that installed the package by npx, however it was called', () => {
  const there = [`${project}/package.json`, `${project}/node_modules/.bin/opencloudpay`]
  const bin = `${project}/node_modules/.bin/cloudpay`
  expect(called(bin, project, there, 'exec').here).toBe('npx opencloudpay')
  expect(called(bin, `${project}/src`, there, 'run-script').here).toBe('npx opencloudpay')
  expect(called(bin, project, there).here).toBe('npx opencloudpay')
})

test('fetched by npx, under the name of the package', () => {
  expect(called('/root/.npm/_npx/1/node_modules/.bin/opencloudpay', project, [], 'exec').here).toBe(
    'npx opencloudpay',
  )
})

test('from any other folder by node', () => {
  expect(called(main, project, [`${project}/package.json`]).here).toBe(script)
})
