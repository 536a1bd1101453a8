import { expect, test } from 'vitest'
import { columns } from './columns.ts'
import { userLanguage } from './user-language.ts'

test.each([
  [{}, 'en'],
  [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
  [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'en_US.UTF-8' }, 'en'],
  [{ LANG: 'de_DE.UTF-8', LC_MESSAGES: 'zh_TW' }, 'zh'],
  [{ LANG: 'zh', LC_ALL: '' }, 'zh'],
  [{ LANG: 'C.UTF-8' }, 'en'],
])('with %j help is in %s', (variables, language) => {
  expect(userLanguage(variables)).toBe(language)
})

test('a Chinese character stands two columns wide', () => {
  expect(columns('端口 8688。')).toBe(11)
})
