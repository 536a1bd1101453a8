import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxPartBytes, maxParts, type Part, readMultipart } from './multipart.ts'

const boundary = '--------------------------0123456789abcdef01234567'
const contentType = `multipart/form-data; boundary=${boundary}`

const headersOf = ({ name, kind }: Pick<Part, 'name' | 'kind'>) =>
  `Content-Disposition: form-data; name="${name.replace(/[\\"]/g, '\\$&')}"\r\n` +
  `${kind === 'bytes' ? 'Content-Type: application/octet-stream\r\n' : ''}\r\n`

/** A body as form-data 4 writes it for the SDK. */
const encoded = (parts: readonly Part[]): Buffer =>
  Buffer.concat([
    ...parts.flatMap((part) => [
      Buffer.from(`--${boundary}\r\n${headersOf(part)}`),
      part.bytes,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ])

const text = (name: string, value: string): Part => ({ name, kind: 'text', bytes: Buffer.from(value) })
const bytes = (name: string, value: string): Part => ({
  name,
  kind: 'bytes',
  bytes: Buffer.from(value, 'latin1'),
})

const closeOrder = [
  text('action', 'wx.wxPayApi'),
  text('apiName', 'closeOrder'),
  bytes('apiOptions', ''),
  bytes('requestData', '{"sub_mch_id":"1900000109"}'),
  text('envName', 'demo-env'),
  text('wxCloudApiToken', ''),
]

test('the fields of an SDK request come out as sent: order, case, kind, bytes, empty ones too', async () => {
  expect(await readMultipart(contentType, encoded(closeOrder))).toEqual({ parts: closeOrder })
})

test('bytes are bytes by their own content type alone, with or without a file name', async () => {
  const body = [
    `--${boundary}\r\nContent-Disposition: form-data; name="a"; filename="a.bin"\r\n\r\n1\r\n`,
    `--${boundary}\r\nContent-Type: Application/Octet-Stream\r\nContent-Disposition: form-data; name="b"\r\n\r\n2\r\n`,
    `--${boundary}--`,
  ].join('')
  expect(await readMultipart(contentType, Buffer.from(body))).toEqual({
    parts: [text('a', '1'), bytes('b', '2')],
  })
})

test('__proto__ and constructor are names like others', async () => {
  const parts = [text('__proto__', 'x'), text('constructor', 'y'), text('toString', 'z')]
  expect(await readMultipart(contentType, encoded(parts))).toEqual({ parts })
})

test('64 parts and a part of 1 MiB are taken', async () => {
  const parts = Array.from({ length: maxParts }, (_, i) =>
    bytes(`p${i}`, i === 0 ? 'x'.repeat(maxPartBytes) : ''),
  )
  const answer = await readMultipart(contentType, encoded(parts))
  // `toEqual` would compare a megabyte one byte at a time.
  expect('parts' in answer && answer.parts.map((sent) => sent.bytes.length)).toEqual([
    maxPartBytes,
    ...Array(63).fill(0),
  ])
})

const body = encoded(closeOrder)
const part = (headers: string) =>
  Buffer.from(`--${boundary}\r\n${headers}\r\n\r\nvalue\r\n--${boundary}--\r\n`, 'latin1')
const named = (name: string) => part(`Content-Disposition: form-data; name="${name}"`)

test.each<[string, string, string, Buffer]>([
  ['JSON', 'not-multipart', 'application/json', body],
  ['a content type that only starts alike', 'not-multipart', 'multipart/form-data-x; boundary=b', body],
  ['no boundary', 'no-boundary', 'multipart/form-data', body],
  ['a boundary of 71 characters', 'no-boundary', `multipart/form-data; boundary=${'b'.repeat(71)}`, body],
  ['another boundary', 'malformed-body', 'multipart/form-data; boundary=other', body],
  ['an empty body', 'malformed-body', contentType, Buffer.alloc(0)],
  ['a missing end', 'malformed-body', contentType, body.subarray(0, -4)],
  ['a preamble', 'malformed-body', contentType, Buffer.concat([Buffer.from('x\r\n'), body])],
  [
    '65 parts',
    'too-many-parts',
    contentType,
    encoded(Array.from({ length: 65 }, (_, i) => text(`p${i}`, ''))),
  ],
  [
    'a part of 1 MiB and a byte',
    'part-too-big',
    contentType,
    encoded([bytes('a', 'x'.repeat(maxPartBytes + 1))]),
  ],
  ['a part without disposition', 'malformed-part', contentType, part('Content-Type: text/plain')],
  [
    'a part that is no form-data',
    'malformed-part',
    contentType,
    part('Content-Disposition: attachment; name="a"'),
  ],
  ['a header without colon', 'malformed-part', contentType, part('Content-Disposition')],
  [
    'headers without end',
    'malformed-part',
    contentType,
    Buffer.from(`--${boundary}\r\na: b\r\n--${boundary}--`),
  ],
  [
    'nine header lines',
    'malformed-part',
    contentType,
    part(`Content-Disposition: form-data; name="a"${'\r\nx: y'.repeat(8)}`),
  ],
  [
    'headers of 2 KiB',
    'malformed-part',
    contentType,
    part(`Content-Disposition: form-data; name="a"; x=${'y'.repeat(2048)}`),
  ],
  ['no name', 'bad-name', contentType, part('Content-Disposition: form-data')],
  ['an empty name', 'bad-name', contentType, named('')],
  ['a name of 65 characters', 'bad-name', contentType, named('n'.repeat(65))],
  ['a name beyond ASCII', 'bad-name', contentType, named('é')],
  ['a name with a tab', 'bad-name', contentType, named('a\tb')],
  ['a name twice', 'duplicate-name', contentType, encoded([text('apiName', 'a'), text('apiname', 'b')])],
  ['CR LF & in a text', 'ambiguous-value', contentType, encoded([text('a', 'x\r\n&b=y')])],
  ['CR LF & in bytes', 'ambiguous-value', contentType, encoded([bytes('a', '\r\n&')])],
  [
    'text that is no UTF-8',
    'not-utf8',
    contentType,
    encoded([{ ...text('a', ''), bytes: Buffer.from([0xc0, 0xaf]) }]),
  ],
])('%s is refused: %s', async (_what, refused, type, sent) => {
  expect(await readMultipart(type, sent)).toEqual({
    refused,
    text: { zh: expect.any(String), en: expect.any(String) },
  })
})

const names = fc.uniqueArray(fc.stringMatching(/^[ -~]{1,64}$/), {
  selector: (name) => name.toLowerCase(),
  maxLength: 12,
})
const anyPart = (name: string): fc.Arbitrary<Part> =>
  fc.oneof(
    fc.string({ unit: 'binary' }).map((value) => text(name, value)),
    fc
      .uint8Array({ maxLength: 300 })
      .map((value): Part => ({ name, kind: 'bytes', bytes: Buffer.from(value) })),
  )
const forms = names.chain((chosen) => fc.tuple(...chosen.map(anyPart)))
const honest = forms.filter((parts) => parts.every((each) => !each.bytes.includes('\r\n&')))

test('whatever fields a form has, they come out as they went in', async () => {
  await fc.assert(
    fc.asyncProperty(honest, async (parts) => {
      expect(await readMultipart(contentType, encoded(parts))).toEqual({ parts })
    }),
  )
})

test('whatever happens to a body on the way, the answer is parts or a refusal', async () => {
  const pieces = fc.oneof(
    fc.uint8Array({ maxLength: 8 }).map((piece) => Buffer.from(piece)),
    fc
      .constantFrom('\r\n', '\r\n\r\n', '--', '-', `\r\n--${boundary}`, '"', ';', ': ', 'name*=utf-8')
      .map((piece) => Buffer.from(piece)),
  )
  const cuts = fc.array(
    fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), drop: fc.nat(40), put: pieces }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  await fc.assert(
    fc.asyncProperty(honest, cuts, async (parts, changes) => {
      const sent = changes.reduce((before, { at, drop, put }) => {
        const from = Math.floor(at * before.length)
        return Buffer.concat([before.subarray(0, from), put, before.subarray(from + drop)])
      }, encoded(parts))
      const answer = await readMultipart(contentType, sent)
      expect('parts' in answer || answer.text.zh.length > 0).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('whatever bytes and content type come, the answer is parts or a refusal', async () => {
  const tokens = fc.constantFrom(
    '--b',
    '\r\n',
    '--',
    '\r\n\r\n',
    '\r\n--b',
    'Content-Disposition: form-data; name="a"',
    'x',
  )
  const bodies = fc.oneof(
    fc.uint8Array(),
    fc.array(tokens, { maxLength: 30 }).map((found) => Buffer.from(found.join(''))),
  )
  const types = fc.oneof(
    fc.string(),
    fc.string().map((tail) => `multipart/form-data; boundary=${tail}`),
    fc.constant('multipart/form-data; boundary=b'),
  )
  await fc.assert(
    fc.asyncProperty(types, bodies, async (type, sent) => {
      const answer = await readMultipart(type, sent)
      expect('parts' in answer || answer.text.zh.length > 0).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
