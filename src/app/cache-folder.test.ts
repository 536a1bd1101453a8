import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cacheFolder } from './cache-folder.ts'

test.each([
  ['linux', {}, join(homedir(), '.cache', 'opencloudpay')],
  ['linux', { XDG_CACHE_HOME: '/var/cache' }, join('/var/cache', 'opencloudpay')],
  ['linux', { XDG_CACHE_HOME: '' }, join(homedir(), '.cache', 'opencloudpay')],
  ['darwin', { XDG_CACHE_HOME: '/var/cache' }, join(homedir(), 'Library', 'Caches', 'opencloudpay')],
  ['win32', { LOCALAPPDATA: '/users/tea/local' }, join('/users/tea/local', 'opencloudpay')],
  ['win32', {}, join(homedir(), 'AppData', 'Local', 'opencloudpay')],
] as const)('on %s with %j it is %s', (platform, variables, folder) => {
  expect(cacheFolder(variables, platform)).toBe(folder)
})
