/**
 * Says in both languages which field of a request is wrong, what stood there and what the rule is.
 * Owns the reading of schema failures; the schemas' own messages are never shown.
 */
import type { z } from 'zod'
import type { Text } from './text.ts'

const kindOf = (value: unknown): Text => {
  if (value === null) return { zh: 'null', en: 'null' }
  if (Array.isArray(value)) return { zh: '数组', en: 'an array' }
  switch (typeof value) {
    case 'string':
      return { zh: '文本', en: 'text' }
    case 'number':
      return Number.isInteger(value) ? { zh: '整数', en: 'an integer' } : { zh: '小数', en: 'a fraction' }
    case 'boolean':
      return { zh: '布尔值', en: 'a boolean' }
    default:
      return { zh: '对象', en: 'an object' }
  }
}

const wanted: Record<string, Text> = {
  string: { zh: '文本', en: 'text' },
  number: { zh: '整数', en: 'an integer' },
  int: { zh: '整数', en: 'an integer' },
  object: { zh: '对象', en: 'an object' },
  record: { zh: '对象', en: 'an object' },
}

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  )

/** A rule that a schema states of its own, in words. */
export const brokenRule = (zh: string, en: string) => ({ params: { rule: { zh, en } } })

const isText = (value: unknown): value is Text =>
  typeof value === 'object' && value !== null && 'zh' in value && 'en' in value

/** Of a rule made with {@link brokenRule}; undefined: the issue is of another kind. */
export function statedRule(issue: z.core.$ZodIssue): Text | undefined {
  const rule: unknown = issue.code === 'custom' ? issue.params?.rule : undefined
  return isText(rule) ? rule : undefined
}

const ruleOf = (issue: z.core.$ZodIssue, found: unknown): Text => {
  switch (issue.code) {
    case 'invalid_type': {
      const want = wanted[issue.expected] ?? { zh: issue.expected, en: issue.expected }
      const kind = kindOf(found)
      if (found === undefined) return { zh: '缺少，必填', en: 'is missing and required' }
      return { zh: `应为${want.zh}，收到${kind.zh}`, en: `must be ${want.en}, got ${kind.en}` }
    }
    case 'too_big':
      if (issue.origin === 'string')
        return { zh: `不得超过 ${issue.maximum} 个字符`, en: `must have at most ${issue.maximum} characters` }
      if (issue.origin === 'array')
        return { zh: `不得超过 ${issue.maximum} 项`, en: `must have at most ${issue.maximum} entries` }
      return { zh: `不得大于 ${issue.maximum}`, en: `must not exceed ${issue.maximum}` }
    case 'too_small':
      if (issue.origin === 'string')
        return issue.minimum === 1
          ? { zh: '不能为空', en: 'must not be empty' }
          : { zh: `至少 ${issue.minimum} 个字符`, en: `must have at least ${issue.minimum} characters` }
      return issue.inclusive
        ? { zh: `不得小于 ${issue.minimum}`, en: `must be at least ${issue.minimum}` }
        : { zh: `必须大于 ${issue.minimum}`, en: `must be greater than ${issue.minimum}` }
    case 'unrecognized_keys': {
      const names = issue.keys.slice(0, 5).join(', ')
      return { zh: `没有字段 ${names}，请检查拼写`, en: `there is no field ${names}, check its spelling` }
    }
    case 'invalid_value': {
      const options = issue.values.map(String).join(' / ')
      return { zh: `应为 ${options}`, en: `must be ${options}` }
    }
  }
  return statedRule(issue) ?? { zh: '格式不正确', en: 'is malformed' }
}

/** The first problem in the order of the method's parameter table: one thing to correct at a time. */
export function firstProblem(error: z.ZodError, input: unknown): Text {
  const issue = error.issues[0]
  if (issue === undefined) return { zh: '格式不正确', en: 'malformed' }
  const rule = ruleOf(issue, valueAt(input, issue.path))
  const field = issue.path.map(String).join('.')
  return { zh: `${field} ${rule.zh}`.trim(), en: `${field} ${rule.en}`.trim() }
}
