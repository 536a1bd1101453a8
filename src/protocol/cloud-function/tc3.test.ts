import { expect, test } from 'vitest'
import type { Part } from './multipart.ts'
import {
  canonicalRequest,
  hashedFields,
  payloadPreimage,
  sha256Hex,
  signatureOf,
  signingKeys,
  signRequest,
  stringToSign,
  utcDate,
} from './tc3.ts'

const text = (name: string, value: string): Part => ({ name, kind: 'text', bytes: Buffer.from(value) })
const bytes = (name: string, value: string | Buffer): Part => ({
  name,
  kind: 'bytes',
  bytes: Buffer.from(value),
})

/** The worked examples: requests of wx-server-sdk 4.0.2 (A, B) and 2.6.3 (C), with every step of their signature. */
const credentials = { secretId: 'AKIDEXAMPLE', secretKey: 'SECRETKEYEXAMPLE' }
const json = '{"sub_mch_id":"1900000109","out_trade_no":"1217752501201407033233368018","nonce_str":"abc"}'
const empty = ['wxCloudApiToken', 'wxCloudbaseAccesstoken', 'tcb_sessionToken', 'crossAuthorizationToken']

const partsOf = (apiOptions: string, more: readonly Part[] = []) => [
  text('action', 'wx.wxPayApi'),
  text('apiName', 'closeOrder'),
  bytes('apiOptions', Buffer.from(apiOptions, 'hex')),
  bytes('requestData', json),
  text('envName', 'demo-env'),
  ...more,
  ...empty.map((name) => text(name, '')),
]

const headersOf = (agent: string, sdk: string, source: string) => ({
  'content-type': 'multipart/form-data; boundary=--------------------------0123456789abcdef01234567',
  host: '127.0.0.1:8080',
  'user-agent': agent,
  'x-client-timestamp': '1700000000000',
  'x-sdk-version': sdk,
  'x-tcb-source': source,
})
const headers4 = headersOf('tcb-node-sdk/3.17.2', 'wx-server-sdk/4.0.2', ',unknown')
const signed4 = ['action', 'apiname', 'apioptions', 'envname', 'requestdata']

const examples = {
  A: {
    parts: partsOf(''),
    signedParams: signed4,
    query: 'env=demo-env&seqId=18bcfe56800_1',
    headers: headers4,
    preimageBytes: 181,
    canonicalBytes: 374,
    payloadHash: 'b9eaaa2220a22e10a98ee0ffaf57722a44e616ee135339fc54819a61e9bfaa8f',
    canonicalHash: '57ae7f3762088cac642347908b74fbe6acbb7cf8a05ef07cf3ac4d040166cc80',
    signature: '48e98fc6025de98661464a09f309657defbf691c153d124c9dee04e08a0774a7',
  },
  B: {
    parts: partsOf('0a12777831323334353637383930616263646566'),
    signedParams: signed4,
    query: 'env=demo-env&seqId=18bcfe56800_1',
    headers: headers4,
    preimageBytes: 201,
    canonicalBytes: 374,
    payloadHash: 'b1ff6ff80eb129d56bafea782397b750c66037718f9b03a7b269678b799f3467',
    canonicalHash: 'a78576de0708b9f44bbb05de5ed458e1b427597f0dc473f85063757a473aabd3',
    signature: 'c571204bdcb09225a948abdd3d1f1aea1d045640f59fb77ae8c8b98ba863d897',
  },
  C: {
    parts: partsOf('', [text('eventId', '18bcfe56800_1')]),
    signedParams: [
      ...['action', 'apiname', 'apioptions', 'crossauthorizationtoken', 'envname', 'eventid', 'requestdata'],
      ...['tcb_sessiontoken', 'wxcloudapitoken', 'wxcloudbaseaccesstoken'],
    ],
    query: '&eventId=18bcfe56800_1&seqId=18bcfe56800_1',
    headers: headersOf('tcb-node-sdk/2.9.1', 'wx-server-sdk/2.6.3', ',not_scf'),
    preimageBytes: 181 + '&eventid=18bcfe56800_1\r\n'.length,
    canonicalBytes: undefined,
    payloadHash: 'a25433fb34b881ede10d826b05506b6444460b57efd9edc3599ec77daec5ae9d',
    canonicalHash: 'fabe9fbde703a80cc236ef4e833ae01d3b65f8fe7613a6ec538de2542a8a4f95',
    signature: 'fa7d81bb07d8e9dfb8f7eab212652896e0394532a7373559d71f96e11afd3d39',
  },
}

test.each(Object.entries(examples))(
  'every step of worked example %s comes out as recorded',
  (_name, example) => {
    const preimage = payloadPreimage(hashedFields(example.signedParams, example.parts))
    expect(preimage.length).toBe(example.preimageBytes)
    expect(sha256Hex(preimage)).toBe(example.payloadHash)

    const canonical = canonicalRequest({
      method: 'post',
      signedUrl: '//127.0.0.1:8080/admin',
      query: example.query,
      headers: Object.entries(example.headers),
      payloadHash: example.payloadHash,
    })
    expect(Buffer.byteLength(canonical)).toBe(example.canonicalBytes ?? Buffer.byteLength(canonical))
    expect(sha256Hex(canonical)).toBe(example.canonicalHash)

    const toSign = stringToSign('1699999999', '2023-11-14', canonical)
    expect(toSign).toBe(`TC3-HMAC-SHA256\n1699999999\n2023-11-14/tcb/tc3_request\n${example.canonicalHash}`)
    const { kSigning } = signingKeys(credentials.secretKey, '2023-11-14')
    expect(signatureOf(kSigning, toSign).toString('hex')).toBe(example.signature)
  },
)

test('the derived keys of the worked examples come out as recorded', () => {
  const keys = signingKeys(credentials.secretKey, utcDate(1_699_999_999))
  expect(keys.kDate.toString('hex')).toBe('77b7f36eac331a242ac79cccd06814f1eec5781421d4576635ee5f033f86a285')
  expect(keys.kService.toString('hex')).toBe(
    'afda04ad10e0a0f649fc15004e9b83d1612045a13c78eb9e59db848138c5658f',
  )
  expect(keys.kSigning.toString('hex')).toBe(
    '9fc3d0f74a20cdb70e22ef73c3b85f5bbd3bbf1ba732e746dc8a00655a6876e4',
  )
})

test('the pre-image of example A is the recorded text', () => {
  expect(payloadPreimage(hashedFields(signed4, examples.A.parts)).toString()).toBe(
    `&action=wx.wxPayApi\r\n&apiname=closeOrder\r\n&apioptions=\r\n&envname=demo-env\r\n&requestdata=${json}\r\n`,
  )
})

test('signing example A gives the header that the SDK sent', () => {
  const { host, ...headers } = headers4
  const { parts, query, signature } = examples.A
  expect(signRequest({ host, path: '/admin', query, headers, parts }, credentials, 1_699_999_999)).toEqual({
    ...headers4,
    authorization:
      'TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2023-11-14/tcb/tc3_request, ' +
      'SignedParams=action;apiname;apioptions;envname;requestdata, ' +
      'SignedHeaders=content-type;host;user-agent;x-client-timestamp;x-sdk-version;x-tcb-source, ' +
      `Signature=${signature}`,
    'x-signature-expires': '600',
    'x-timestamp': '1699999999',
  })
})

test('texts are hashed trimmed, bytes as they are; empty texts are skipped, empty bytes are not', () => {
  const parts = [text('A', ' \ufeff x\n'), bytes('b', '\n y '), text('c', ' \t'), bytes('d', '')]
  expect(payloadPreimage(hashedFields(['d', 'c', 'b', 'a', 'gone'], parts)).toString()).toBe(
    '&d=\r\n&b=\n y \r\n&a=x\r\n',
  )
})

test('header values are trimmed and lower-cased, a content type only when multipart', () => {
  const canonical = (contentType: string) =>
    canonicalRequest({
      method: 'POST',
      signedUrl: '//h/',
      query: '',
      headers: [
        ['x-a', ' B  C '],
        ['content-type', contentType],
      ], // in the signer's order
      payloadHash: 'hash',
    })
  expect(canonical('application/json; charset=UTF-8')).toBe(
    'POST\n//h/\n\nx-a:b  c\ncontent-type:application/json; charset=UTF-8\n\nx-a;content-type\nhash',
  )
  expect(canonical('multipart/form-data; boundary=B')).toContain('\ncontent-type:multipart/form-data\n')
})
