/** wx-server-sdk 4.0.2, unmodified: how it may be called, from where, and as whom. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  camelNumber,
  camelOrder,
  heardBy,
  type OfficialSdk,
  rejectedOf,
  startOfficialSdk,
} from '../support/official-sdk.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox, subMchId } from '../support/sandbox.ts'

let sandbox: Sandbox
let sdk: OfficialSdk
/** Of a few tests only; at most one lives beside `sdk`. */
let another: OfficialSdk | undefined

const start = (envId: string, more: Partial<Parameters<typeof startOfficialSdk>[0]> = {}) =>
  startOfficialSdk({ url: sandbox.url, ...sandbox.shop(envId).credentials, envName: 'prod-1a2b', ...more })

beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [
      environmentNamed('documented', 'documented', { language: 'zh' }),
      environmentNamed('strict', 'documented', { strictEnv: true, strictMerchants: true }),
    ],
  })
  sdk = start('documented')
})
afterEach(async () => {
  await another?.close()
  another = undefined
})
afterAll(async () => {
  await sdk.close()
  await sandbox.close()
})

const shop = () => sandbox.shop('documented')

describe('how it is called', () => {
  test.each([
    ['camelCase', (tea: string) => ({ subMchId, outTradeNo: tea })],
    ['snake_case', (tea: string) => ({ sub_mch_id: subMchId, out_trade_no: tea })],
    ['a mix', (tea: string) => ({ sub_mch_id: subMchId, outTradeNo: tea, nonce_str: 'abc' })],
    [
      'both, camelCase wins',
      (tea: string) => ({ outTradeNo: tea, out_trade_no: 'TEA-other', subMchId, sub_mch_id: '1' }),
    ],
    ['capitals first', (tea: string) => ({ SubMchId: subMchId, OutTradeNo: tea })],
    [
      'with fields that nobody knows',
      (tea: string) => ({ ...camelNumber(tea), subAppid: 'wx1', colour: null }),
    ],
  ] as const)('closeOrder in %s reaches the order', async (_name, request) => {
    const tea = freshNumber()
    await sdk.value('unifiedOrder', camelOrder(tea))
    await shop().advance('5m')
    expect(await sdk.value('closeOrder', request(tea))).toMatchObject({ resultCode: 'SUCCESS' })
    expect(await sdk.value('queryOrder', camelNumber(tea))).toMatchObject({ tradeState: 'CLOSED' })
  })

  test('cloud.cloudPay({ appid }) orders, and closes, for that app', async () => {
    const tea = freshNumber()
    const appid = 'wx1234567890abcdef'
    expect(await sdk.value('unifiedOrder', camelOrder(tea), appid)).toMatchObject({
      subAppid: appid,
      payment: { appId: appid },
    })
    await shop().advance('5m')
    expect(await sdk.value('closeOrder', camelNumber(tea), appid)).toMatchObject({
      resultCode: 'SUCCESS',
      subAppid: appid,
    })
  })

  test('an argument that is no object is refused with -501007, in words', async () => {
    for (const argument of [null, 'TEA', 7, [camelNumber('TEA')]]) {
      const { errCode, errMsg } = rejectedOf(await sdk.call('closeOrder', argument))
      expect(errCode, JSON.stringify(argument)).toBe(-501007)
      expect(errMsg).toMatch(/requestData 须为 JSON 对象.* \[id [0-9a-f]{10}\]/)
    }
  })

  test('a method that does not exist, or not yet, rejects with -604100 and says which exist', async () => {
    for (const api of ['closeOrders', 'downloadBill']) {
      expect(rejectedOf(await sdk.call(api, camelNumber('TEA')))).toEqual({
        errCode: -604100,
        errMsg: expect.stringMatching(
          new RegExp(
            `^${api}:fail API not found: ${api}。.*unifiedOrder, queryOrder, closeOrder, refund, queryRefund \\[id `,
          ),
        ),
      })
    }
  })

  test('a value of 200 kB is refused as any that is too long, one over 1 MiB in words of its own', async () => {
    const before = await sandbox.orders()
    expect(
      await sdk.value('unifiedOrder', camelOrder(freshNumber(), { detail: '茶'.repeat(70_000) })),
    ).toMatchObject({
      returnCode: 'FAIL',
      returnMsg: '参数格式校验错误：detail 不得超过 6000 个字符',
    })
    const { errCode, errMsg } = rejectedOf(
      await sdk.call('unifiedOrder', camelOrder(freshNumber(), { detail: '茶'.repeat(400_000) })),
    )
    expect(errCode).toBe(-501007)
    expect(errMsg).toMatch(/请求体超过 1048576 字节/)
    expect(await sandbox.orders(), 'the number of orders').toBe(before)
    expect(await sdk.value('queryOrder', camelNumber(freshNumber())), 'and the server serves').toMatchObject({
      resultCode: 'FAIL',
    })
  })

  test('calls at once are each answered, and each with its own order', async () => {
    const teas = Array.from({ length: 10 }, () => freshNumber())
    await sdk.together(teas.map((tea) => ({ api: 'unifiedOrder', request: camelOrder(tea) })))
    const seen = await sdk.together(teas.map((tea) => ({ api: 'queryOrder', request: camelNumber(tea) })))
    expect(seen).toMatchObject(teas.map((outTradeNo) => ({ resolved: { tradeState: 'NOTPAY', outTradeNo } })))
  })

  test('twenty closes at once: one closes the order, the others hear that it is closed', async () => {
    const tea = freshNumber()
    await sdk.value('unifiedOrder', camelOrder(tea))
    await shop().advance('5m')
    const seen = await sdk.together(
      Array.from({ length: 20 }, () => ({ api: 'closeOrder', request: camelNumber(tea) })),
    )
    const results = seen.map((one) => ('resolved' in one ? one.resolved.resultCode : one.rejected.errMsg))
    expect(results.sort()).toEqual([...Array(19).fill('FAIL'), 'SUCCESS'])
    expect(await shop().historyOf(tea)).toEqual(['ordered', 'closed'])
  })

  test('at an address without path, and without an env name, the SDK is served', async () => {
    another = startOfficialSdk({
      url: sandbox.url,
      ...shop().credentials,
      variables: { TCB_CONTEXT_CNFG: JSON.stringify({ URL: sandbox.url }) },
    })
    expect(await another.value('closeOrder', camelNumber(freshNumber()))).toMatchObject({
      errCodeDes: expect.stringMatching(/^订单不存在/),
    })
  })
})

describe('who is calling', () => {
  test('a wrong key rejects with -501001 and the reason, in both languages', async () => {
    another = start('documented', { secretKey: 'not-the-secret-key' })
    const { errCode, errMsg } = rejectedOf(await another.call('closeOrder', camelNumber('TEA')))
    expect(errCode).toBe(-501001)
    expect(errMsg).toMatch(/^cloudPay\.closeOrder:fail -501001 resource system error\. 签名不符.*secretKey/)
    expect(errMsg).toMatch(/ \/ the signature does not match.* \[id [0-9a-f]{10}\]$/)
    expect(errMsg).not.toContain('not-the-secret-key')
  })

  test('a SecretId that nobody has rejects with -501001, and names it', async () => {
    another = start('documented', { secretId: 'AKIDnobody' })
    const { errCode, errMsg } = rejectedOf(await another.call('closeOrder', camelNumber('TEA')))
    expect(errCode).toBe(-501001)
    expect(errMsg).toMatch(/no environment has the SecretId "AKIDnobody"/)
  })

  test("strictEnv: another env's name rejects with -601012 and says which it must be", async () => {
    another = start('strict')
    expect(rejectedOf(await another.call('closeOrder', camelNumber('TEA')))).toEqual({
      errCode: -601012,
      errMsg: expect.stringMatching(
        /this SecretId belongs to environment strict, not to prod-1a2b \(strictEnv\); change env in cloud\.init/,
      ),
    })
  })

  test('strictMerchants: a merchant that is not listed resolves with returnCode FAIL', async () => {
    another = start('strict', { envName: 'strict' })
    expect(await another.value('closeOrder', { subMchId: '1900000999', outTradeNo: 'TEA' })).toMatchObject({
      returnCode: 'FAIL',
      returnMsg: expect.stringMatching(/^the merchant is not bound to this provider/),
      ...heardBy('closeOrder'),
    })
    expect(await another.value('closeOrder', camelNumber(freshNumber()))).toMatchObject({
      returnCode: 'SUCCESS',
      resultCode: 'FAIL',
    })
  })
})
