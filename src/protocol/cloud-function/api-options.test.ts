import { BinaryWriter } from '@bufbuild/protobuf/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readApiOptions } from './api-options.ts'

const hex = (text: string) => Buffer.from(text, 'hex')
const optionsOf = (...appids: string[]) =>
  appids.reduce((writer, appid) => writer.uint32(0x0a).string(appid), new BinaryWriter()).finish()

test('the SDK option { appid } is read', () => {
  expect(readApiOptions(hex('0a12777831323334353637383930616263646566'))).toEqual({
    appid: 'wx1234567890abcdef',
  })
})

test.each(['', '0a00'])('bytes "%s" name no appid', (bytes) => {
  expect(readApiOptions(hex(bytes))).toEqual({ appid: undefined })
})

test.each([
  ['malformed', '0a'],
  ['malformed', '0a05777831'],
  ['malformed', '0affffffff0f7778'],
  ['malformed', '0a01ff'],
  ['malformed', '00'],
  ['unknown-field', '1203777831'],
  ['unknown-field', '0801'],
  ['unknown-field', '0a027778120161'],
  ['repeated-field', '0a0277780a027778'],
  ['bad-appid', '0a0277 20'.replace(' ', '')],
])('%s: %s', (refused, bytes) => {
  expect(readApiOptions(hex(bytes))).toEqual({
    refused,
    text: { zh: expect.any(String), en: expect.any(String) },
  })
})

test('an appid has at most 32 characters', () => {
  expect(readApiOptions(optionsOf('a'.repeat(32)))).toEqual({ appid: 'a'.repeat(32) })
  expect(readApiOptions(optionsOf('a'.repeat(33)))).toMatchObject({ refused: 'bad-appid' })
})

test('a text repeats at most 64 characters of a bad appid, and no control character', () => {
  const answer = readApiOptions(optionsOf(`\u001b[31m\u202e${'\u{1f600}'.repeat(1000)}`))
  if (!('refused' in answer)) throw new Error('accepted')
  expect([...answer.text.en].length).toBeLessThan(160)
  expect(answer.text.en).not.toMatch(/\p{Cc}|\p{Cf}/u)
})

test('whatever the bytes, the answer is an appid, none, or a refusal', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.uint8Array({ maxLength: 60 }).map((tail) => Uint8Array.of(0x0a, ...tail)),
    fc.array(fc.string(), { maxLength: 2 }).map((appids) => optionsOf(...appids)),
  )
  fc.assert(
    fc.property(bytes, (sent) => {
      const answer = readApiOptions(sent)
      if (!('refused' in answer)) expect(answer.appid ?? 'none').toMatch(/^[0-9A-Za-z_-]{1,32}$/)
    }),
    { numRuns: 2000 },
  )
})
