import { expect, test } from 'vitest'
import { startsServer } from './starts-server.ts'
import { userLanguage } from './user-language.ts'

test.each([
  [{}, 'en'],
  [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
  [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'en_US.UTF-8' }, 'en'],
  [{ LANG: 'de_DE.UTF-8', LC_MESSAGES: 'zh_TW' }, 'zh'],
  [{ LANG: 'zh', LC_ALL: '' }, 'zh'],
  [{ LANG: 'C.UTF-8' }, 'en'],
])('with %j it speaks %s', (variables, language) => {
  expect(userLanguage({ LANG: 'C', ...variables }, [])).toBe(language)
})

test.each([
  [['--lang', 'zh', 'start'], 'zh'],
  [['orders', 'list', '--lang=zh'], 'zh'],
  [['--lang', 'zh', 'start', '--lang', 'en'], 'en'],
  [['run', '--', 'tool', '--lang', 'zh'], 'en'],
  [['start', '--lang'], 'en'],
  [['--lang', 'fr'], 'en'],
])('asked by %j it speaks %s, whatever the variables', (args, language) => {
  expect(userLanguage({ LANG: 'C' }, args)).toBe(language)
})

test.each([
  [[], true],
  [['--port', '9000'], true],
  [['--port=9000'], true],
  [['--lang', 'zh'], true],
  [['--help'], false],
  [['--version'], false],
  [['demo'], false],
  [['strat'], false],
])("the package's own name with %j starts the server: %s", (args, starts) => {
  expect(startsServer(args)).toBe(starts)
})
