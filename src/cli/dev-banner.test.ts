import { expect, test } from 'vitest'
import { columns } from './columns.ts'
import { devBanner } from './dev-banner.ts'

const facts = {
  folder: '/home/tea/cloudfunctions',
  envId: 'sandbox',
  adminToken: undefined,
  version: '0.1.0',
  origin: 'http://127.0.0.1:8688',
  names: ['pay', 'payCallback'],
}
const text = devBanner(facts, 'en')

test('a newcomer is told the functions, the server, and how to call one as a user', () => {
  for (const words of [
    '/home/tea/cloudfunctions',
    'pay payCallback',
    'http://127.0.0.1:8688',
    'curl http://127.0.0.1:8688/sandbox/call-function',
  ]) {
    expect(text).toContain(words)
  }
  expect(text).not.toContain('authorization')
})

/** As a shell would read it. */
const bodyOf = (banner: string) =>
  JSON.parse(/-d '([\s\S]*?)'\n/.exec(banner.replaceAll(`'\\''`, '’'))?.[1] ?? '')

test('the call to copy is JSON in lines', () => {
  expect(bodyOf(text)).toEqual({
    function_name: 'pay',
    data: {},
    openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  })
})

test('an environment of its own, and a token, stand in the call to copy', () => {
  const own = devBanner({ ...facts, envId: 'tea-shop', adminToken: 'never-to-be-shown' }, 'en')
  expect(bodyOf(own)).toMatchObject({ env_id: 'tea-shop' })
  expect(own).toContain('authorization: Bearer $CLOUDPAY_ADMIN_TOKEN')
  expect(own).not.toContain('never-to-be-shown')
})

test("a name with a quote does not end the shell's", () => {
  expect(devBanner({ ...facts, names: ["it's"] }, 'en')).toContain(`"function_name":"it'\\''s"`)
})

test('however many functions there are, the banner fits a small terminal', () => {
  const many = devBanner({ ...facts, names: Array.from({ length: 200 }, (_, n) => `function-${n}`) }, 'zh')
  for (const one of [text, many]) {
    const lines = one.split('\n')
    expect(lines.length).toBeLessThanOrEqual(25)
    expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(80)
  }
  expect(many).toContain('160')
})
