import { expect, test } from 'vitest'
import * as refusals from './refusals.ts'

const cause = Object.assign(new Error('denied'), { code: 'EACCES' })

const all = {
  portInUse: refusals.portInUse('127.0.0.1', 8688),
  lastPortInUse: refusals.portInUse('127.0.0.1', 65_535),
  portForbidden: refusals.portForbidden('127.0.0.1', 80, cause),
  hostNotBindable: refusals.hostNotBindable('10.9.9.9'),
  dataFolderNotWritable: refusals.dataFolderNotWritable('/srv/pay', cause),
  dataFolderIsFile: refusals.dataFolderIsFile('/srv/pay'),
  dataFolderInUse: refusals.dataFolderInUse('/srv/pay', 4711),
  dataFolderFromNewerVersion: refusals.dataFolderFromNewerVersion('/srv/pay'),
  configUnreadable: refusals.configUnreadable('/srv/pay.json', cause),
  configNotJson: refusals.configNotJson('/srv/pay.json', 3),
  demoSettingBesideFile: refusals.demoSettingBesideFile('--profile', '/srv/pay.json'),
  openWithoutToken: refusals.openWithoutToken('0.0.0.0'),
  openWithDemoCredentials: refusals.openWithDemoCredentials('0.0.0.0', 'sandbox'),
}

test.each(Object.entries(all))('%s is one whole line in each language', (_name, { text, message }) => {
  expect(text.zh).toMatch(/^[^\n]*\p{Script=Han}[^\n]*。$/u)
  expect(text.en).toMatch(/^[^\n\p{Script=Han}]+[^.]\.?$/u)
  expect(message).toBe(text.en)
})

test('a port in use names another to try, within the range of ports', () => {
  expect(all.portInUse.text.en).toContain('--port 8689')
  expect(all.lastPortInUse.text.en).toContain('--port 65534')
})

test.each([
  ['EADDRINUSE', 'is in use'],
  ['EACCES', 'may not listen'],
  ['EADDRNOTAVAIL', 'no such address (EADDRNOTAVAIL)'],
  ['ENOTFOUND', 'no such address'],
])('a listener that fails with %s is told to people as "%s"', (code, words) => {
  const refused = refusals.listenRefused(Object.assign(new Error(code), { code }), '127.0.0.1', 8688)
  expect(refused).toBeInstanceOf(refusals.StartRefused)
  expect(refused).toHaveProperty('message', expect.stringContaining(words))
})

test('a fault that nobody foresaw stays what it is', () => {
  const bug = new Error('bug')
  expect(refusals.listenRefused(bug, '127.0.0.1', 8688)).toBe(bug)
})
