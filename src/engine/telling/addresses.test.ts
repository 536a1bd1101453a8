import { expect, test } from 'vitest'
import { isForbidden } from './addresses.ts'

test.each([
  '0.0.0.0',
  '169.254.169.254',
  '224.0.0.1',
  '255.255.255.255',
  '100.100.100.200',
  '::',
  'fe80::1',
  'ff02::1',
  'fd00:ec2::254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '::a9fe:a9fe',
  '::ffff:0:a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
])('%s is never called', (address) => {
  expect(isForbidden(address)).toBe(true)
})

test.each([
  '127.0.0.1',
  '10.0.0.1',
  '192.168.1.5',
  '8.8.8.8',
  '::1',
  'fd12::1',
  '::ffff:127.0.0.1',
  '64:ff9b::a00:1',
])('%s may be', (address) => {
  expect(isForbidden(address)).toBe(false)
})
