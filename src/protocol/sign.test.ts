import { expect, test } from 'vitest'
import { sign } from './sign.ts'

const key = '192006250b4c09247ec02edce69f6a2d'

test('the worked example of the documentation', () => {
  const fields = {
    appid: 'wxd930ea5d5a258f4f',
    mch_id: '10000100',
    device_info: '1000',
    body: 'test',
    nonce_str: 'ibuaiVcKdpRxkhJA',
  }
  expect(sign(fields, key)).toBe('9A0A8659F005D6984697E2CA0A9CF3B7')
  expect(sign(fields, key, 'HMAC-SHA256')).toBe(
    '6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6',
  )
})

test('empty fields and the signature itself are not signed', () => {
  const answer = {
    return_code: 'SUCCESS',
    return_msg: 'OK',
    appid: 'wxd930ea5d5a258f4f',
    mch_id: '10000100',
    sub_mch_id: '',
    nonce_str: 'ToUYs6kEENJWDHSy',
    result_code: 'FAIL',
    err_code: 'ORDERPAID',
    err_code_des: 'order paid',
    sign: 'whatever stood there',
  }
  expect(sign(answer, key)).toBe('941125AF0822070A70505AE91F96A106')
})

test('Chinese and spaces are signed as they are', () => {
  const answer = {
    appid: 'wxa5b511bc130a4d9e',
    device_info: 'WEB',
    err_code: 'INVALID_REQUEST',
    err_code_des: '201 商户订单号重复',
    mch_id: '110605603',
    nonce_str: 'zg9vizP9FSWKP9ku',
    result_code: 'FAIL',
    return_code: 'SUCCESS',
    return_msg: 'OK',
    sub_mch_id: '345923236',
  }
  expect(sign(answer, '2ab9071b06b9f739b950ddb41db2690d')).toBe('E06AFA945146A138D7F7C3CF4C13234F')
})
