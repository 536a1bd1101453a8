/** Commands that are printed can be copied: they are about the same server, environment and merchant. */
import { expect, test } from 'vitest'
import { hintsOf } from './hints.ts'

test('nothing is added where it goes without saying', () => {
  const hints = hintsOf('cloudpay', { origin: 'http://127.0.0.1:8688' })
  expect(hints.ofNumber('pay', 'TEA-1')).toBe('cloudpay pay TEA-1')
  expect(hints.start()).toBe('cloudpay start')
})

test('another server, environment and merchant are named, each where it belongs', () => {
  const hints = hintsOf('npx opencloudpay', { origin: 'http://127.0.0.1:9000', envId: 'tea', subMchId: '19' })
  expect(hints.same('callbacks list')).toBe(
    'npx opencloudpay callbacks list --url http://127.0.0.1:9000 --env-id tea',
  )
  expect(hints.ofNumber('pay', 'TEA-1')).toBe(
    'npx opencloudpay pay TEA-1 --url http://127.0.0.1:9000 --env-id tea --sub-mch-id 19',
  )
  expect(hints.ofNumber('pay', 'TEA-1', { subMchId: '20' })).toContain('--sub-mch-id 20')
  expect(hints.bare('demo')).toBe('npx opencloudpay demo')
})

test.each([
  ['http://localhost:9000', 'cloudpay start --port 9000'],
  ['http://127.0.0.2:8688', 'cloudpay start --host 127.0.0.2'],
  ['http://[::1]:9000', 'cloudpay start --port 9000 --host ::1'],
  ['https://127.0.0.1:8688', undefined],
  ['http://pay.example.com', undefined],
])('a server at %s is started by %j', (origin, command) => {
  expect(hintsOf('cloudpay', { origin }).start()).toBe(command)
})

test("what the server wrote is spelled as the reader's commands are", () => {
  const { told } = hintsOf('npx opencloudpay', { origin: 'http://127.0.0.1:9000' })
  expect(told('close it: cloudpay close TEA-1')).toBe(
    'close it: npx opencloudpay close --url http://127.0.0.1:9000 TEA-1',
  )
  expect(told('cloudpay dev <folder>, or cloudpay run --container <service>=<url> -- <command>')).toBe(
    'npx opencloudpay dev --url http://127.0.0.1:9000 <folder>, or npx opencloudpay run --url http://127.0.0.1:9000 --container <service>=<url> -- <command>',
  )
})

test('the merchant that was named is named again, the demo’s too: another may have the number', () => {
  const hints = hintsOf('cloudpay', { subMchId: '1900000109' })
  expect(hints.ofNumber('pay', 'TEA-1')).toBe('cloudpay pay TEA-1 --sub-mch-id 1900000109')
  expect(hints.told('close it: cloudpay close TEA-1')).toBe(
    'close it: cloudpay close --sub-mch-id 1900000109 TEA-1',
  )
  expect(hints.told('cloudpay dev ./cloudfunctions'), 'who hosts is of no merchant').toBe(
    'cloudpay dev ./cloudfunctions',
  )
})

test('a number that looks like a flag stands behind all flags', () => {
  const hints = hintsOf('cloudpay', { envId: 'tea' })
  expect(hints.ofNumber('refund', '--help', { more: ' --refund-no --help-R2' })).toBe(
    "cloudpay refund --refund-no --help-R2 --env-id tea -- '--help'",
  )
  expect(hints.last('faults off', '-1')).toBe("cloudpay faults off --env-id tea -- '-1'")
})
