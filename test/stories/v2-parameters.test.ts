/** The rules of each parameter of v2's three calls: what is refused for its form. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshNumber, openSandbox, type Sandbox } from '../support/sandbox.ts'
import { merchantOf, providerOf, v2Environment } from '../support/v2-accounts.ts'
import { notifyUrl, payerOpenid, v2Shop } from '../support/v2-client.ts'

const environments = { documented: v2Environment('documented', 1), observed: v2Environment('observed', 2) }

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({ environments: Object.values(environments) })
})
afterAll(() => sandbox.close())

const shopOf = (mode: 'direct' | 'partner', profile: 'documented' | 'observed' = 'documented') =>
  v2Shop(sandbox, profile, (mode === 'direct' ? merchantOf : providerOf)(environments[profile]))

/** One change to an order, and what the text then says. */
// biome-ignore format: a table is read by its columns
const malformed: readonly (readonly [string, object, RegExp])[] = [
  ['total_fee is 0', { total_fee: '0' }, /total_fee must be greater than 0/],
  ['total_fee has a leading zero', { total_fee: '0990' }, /total_fee must be an integer without sign or leading zeros/],
  ['total_fee has a sign', { total_fee: '+990' }, /total_fee must be an integer without sign/],
  ['total_fee is negative', { total_fee: '-990' }, /total_fee must be an integer without sign/],
  ['total_fee is a fraction', { total_fee: '9.90' }, /total_fee must be an integer/],
  ['total_fee is 1e3', { total_fee: '1e3' }, /total_fee must be an integer/],
  ['total_fee is hexadecimal', { total_fee: '0x10' }, /total_fee must be an integer/],
  ['total_fee has a blank', { total_fee: ' 990' }, /total_fee must be an integer/],
  ['total_fee has wide digits', { total_fee: '９９０' }, /total_fee must be an integer/],
  ['total_fee is over 2^31 - 1', { total_fee: '2147483648' }, /total_fee must not exceed 2147483647/],
  ['total_fee has 400 digits', { total_fee: '9'.repeat(400) }, /total_fee must be an integer/],
  ['total_fee is empty', { total_fee: '' }, /total_fee is missing/],
  ['total_fee is missing', { total_fee: undefined }, /total_fee is missing/],
  ['body is missing', { body: undefined }, /body is missing/],
  ['body is too long', { body: '茶'.repeat(129) }, /body must have at most 128/],
  ['out_trade_no is missing', { out_trade_no: undefined }, /out_trade_no is missing/],
  ['out_trade_no has a dot', { out_trade_no: 'TEA.1' }, /out_trade_no may hold digits/],
  ['spbill_create_ip is missing', { spbill_create_ip: undefined }, /spbill_create_ip is missing/],
  ['spbill_create_ip is a name', { spbill_create_ip: 'localhost' }, /spbill_create_ip must be an IPv4/],
  ['trade_type is missing', { trade_type: undefined }, /trade_type/],
  ['trade_type is unknown', { trade_type: 'jsapi' }, /trade_type must be JSAPI \/ NATIVE/],
  ['fee_type is USD', { fee_type: 'USD' }, /fee_type must be CNY/],
  ['notify_url is missing', { notify_url: undefined }, /notify_url is missing/],
  ['notify_url has a query', { notify_url: `${notifyUrl}?a=1` }, /notify_url must be an http\(s\) URL with a path, without a query or a login/],
  ['notify_url has no path', { notify_url: 'https://shop.example' }, /notify_url must be/],
  ['notify_url has a user', { notify_url: 'https://me:pw@shop.example/n' }, /notify_url must be/],
  ['notify_url has a password alone', { notify_url: 'https://:pw@shop.example/n' }, /notify_url must be/],
  ['notify_url has a fragment', { notify_url: `${notifyUrl}#a` }, /notify_url must be/],
  ['notify_url is relative', { notify_url: '/notify' }, /notify_url must be/],
  ['notify_url is a file', { notify_url: 'file:///etc/passwd' }, /notify_url must be/],
  ['notify_url has a password', { notify_url: 'http://a:b@c/' }, /notify_url must be/],
  ['notify_url is too long', { notify_url: `${notifyUrl}/${'x'.repeat(256)}` }, /notify_url must have at most 256/],
  ['time_expire is no time', { time_expire: '20991301000000' }, /time_expire must be Beijing time/],
  ['openid is missing', { openid: undefined }, /openid is missing: a JSAPI order needs it/],
  ['openid is empty', { openid: '' }, /openid is missing/],
  ['only a sub_openid is given', { openid: undefined, sub_openid: payerOpenid }, /openid is missing/],
  ['product_id is missing', { trade_type: 'NATIVE' }, /product_id is missing: a NATIVE order needs it/],
  ['scene_info is missing', { trade_type: 'MWEB' }, /scene_info is missing: an MWEB order needs it/],
  ['profit_sharing is y', { profit_sharing: 'y' }, /profit_sharing must be Y \/ N/],
]

describe('a field', () => {
  test.each(malformed)('refused, unsigned, with nothing written: %s', async (_what, more, says) => {
    for (const profile of ['documented', 'observed'] as const) {
      const before = await sandbox.orders()
      const answer = await shopOf('direct', profile).unifiedOrder(freshNumber(), more)
      expect(answer).toEqual({ return_code: 'FAIL', return_msg: expect.stringMatching(says) })
      expect(await sandbox.orders()).toBe(before)
    }
  })

  // biome-ignore format: a table is read by its columns
  test.each([
    ['sub_mch_id is missing', { sub_mch_id: undefined }, /sub_mch_id is missing/],
    ['sub_appid is missing beside sub_openid', { sub_appid: undefined, openid: undefined, sub_openid: payerOpenid }, /sub_appid is missing: sub_openid needs it/],
    ['both payers are given', { sub_openid: payerOpenid }, /openid and sub_openid: only one/],
    ['no payer is given', { openid: undefined }, /openid is missing: a JSAPI order needs openid or sub_openid/],
  ])("refused to a provider: %s", async (_what, more, says) => {
    const answer = await shopOf('partner').unifiedOrder(freshNumber(), more)
    expect(answer).toEqual({ return_code: 'FAIL', return_msg: expect.stringMatching(says) })
  })

  test.each([
    ['closeOrder', {}, /out_trade_no is missing/],
    ['closeOrder', { transaction_id: '1' }, /out_trade_no is missing/],
    ['queryOrder', {}, /transaction_id or out_trade_no/],
  ] as const)('refused in %s: %o', async (method, fields, says) => {
    const answer = await shopOf('partner').answer(method, fields)
    expect(answer).toEqual({ return_code: 'FAIL', return_msg: expect.stringMatching(says) })
  })
})
