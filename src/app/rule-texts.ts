/** What a schema found wrong, said for people. Owns the wording; never shows the value, which may be a key. */
import type { z } from 'zod'
import { statedRule } from '../protocol/format-problem.ts'
import type { Text } from '../protocol/text.ts'

type Issue = z.core.$ZodIssue

const kinds: Record<string, Text> = {
  string: { zh: '字符串', en: 'a string' },
  boolean: { zh: 'true 或 false', en: 'true or false' },
  array: { zh: '数组', en: 'an array' },
  object: { zh: '对象', en: 'an object' },
  number: { zh: '数字', en: 'a number' },
}

const quoted = (words: readonly unknown[], separator: string) =>
  words.map((word) => `"${String(word)}"`).join(separator)

function sizeText(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): Text {
  const [limit, zh, en] =
    issue.code === 'too_small' ? [issue.minimum, '至少', 'at least'] : [issue.maximum, '最多', 'at most']
  const [exactly, exactlyEn] = issue.exact ? ['必须恰好', 'exactly'] : [zh, en]
  if (issue.origin === 'string') {
    return { zh: `${exactly} ${limit} 个字符`, en: `must have ${exactlyEn} ${limit} characters` }
  }
  if (issue.origin === 'array') {
    return {
      zh: `${exactly} ${limit} 项`,
      en: `must have ${exactlyEn} ${limit} item${limit === 1 ? '' : 's'}`,
    }
  }
  return { zh: `${exactly} ${limit}`, en: `must be ${exactlyEn} ${limit}` }
}

/** @param issue of a parse with `reportInput`, which tells a missing key from one of the wrong kind */
export function ruleText(issue: Issue): Text {
  switch (issue.code) {
    case 'invalid_type': {
      if (issue.input === undefined) return { zh: '缺少这一项', en: 'is missing' }
      const kind = kinds[issue.expected] ?? { zh: issue.expected, en: issue.expected }
      return { zh: `应为${kind.zh}`, en: `must be ${kind.en}` }
    }
    case 'unrecognized_keys':
      return {
        zh: `未知的字段 ${quoted(issue.keys, '、')}`,
        en: `unknown field${issue.keys.length === 1 ? '' : 's'} ${quoted(issue.keys, ', ')}`,
      }
    case 'invalid_value':
      return {
        zh: `只能是 ${quoted(issue.values, '、')}${issue.values.length === 1 ? '' : ' 之一'}`,
        en: `must be ${issue.values.length === 1 ? '' : 'one of '}${quoted(issue.values, ', ')}`,
      }
    case 'too_small':
    case 'too_big':
      return sizeText(issue)
    case 'invalid_format':
      return { zh: `格式不符：${issue.pattern ?? issue.message}`, en: issue.message }
    default:
      return statedRule(issue) ?? { zh: issue.message, en: issue.message }
  }
}

/** `environments[0].secretKey` */
export const placeText = (path: readonly PropertyKey[]) =>
  path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  )
