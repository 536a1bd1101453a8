import { expect, test } from 'vitest'
import { withoutProxy } from './without-proxy.ts'

const hosts = ['127.0.0.1', 'api.mch.weixin.qq.com']

test.each([
  [{}, '127.0.0.1,api.mch.weixin.qq.com'],
  [{ NO_PROXY: 'a.example, b.example' }, 'a.example,b.example,127.0.0.1,api.mch.weixin.qq.com'],
  [
    { NO_PROXY: 'a.example,127.0.0.1', no_proxy: 'a.example,b.example' },
    'a.example,127.0.0.1,b.example,api.mch.weixin.qq.com',
  ],
  [{ NO_PROXY: '', no_proxy: '*' }, '*'],
])('with %j the exceptions are those and ours, each once', (own, list) => {
  expect(withoutProxy(own, hosts)).toEqual({ NO_PROXY: list, no_proxy: list })
})
