import { expect, test } from 'vitest'
import { notHosted } from './invoke-function.ts'

test('a service that a stranger named runs nothing in the command that is printed', () => {
  const { text } = notHosted({ kind: 'container', envId: 'prod-1a2b', service: `$(reboot)'`, path: '/' })
  const quoted = String.raw`--container '$(reboot)'\'''=http://127.0.0.1:8080 -- npm start`
  expect(text.en).toContain(quoted)
  expect(text.zh).toContain(quoted)
})
