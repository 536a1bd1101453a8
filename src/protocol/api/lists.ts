/** What lists of the API share: their limit, and the place where the next page begins. */
import { z } from 'zod'
import { numeral } from '../fields.ts'
import { brokenRule } from '../format-problem.ts'

export const mostListed = 500

export const listed = {
  cursor: z.string().max(512).optional().meta({ description: '`next_cursor` of the page before.' }),
  limit: numeral(1, mostListed).default(50),
}

export const next_cursor = z.string().optional().meta({ description: 'Absent: there are no more.' })

/** Several words of a fixed set, in an address: separated by commas. */
export function someOf<const Word extends string>(words: readonly Word[]) {
  const isWord = (word: string): word is Word => words.some((known) => known === word)
  return z
    .string()
    .max(200)
    .refine(
      (given) => given.split(',').every(isWord),
      brokenRule(
        `应为 ${words.join(' / ')}，多个用逗号分隔`,
        `must be ${words.join(' / ')}, several separated by commas`,
      ),
    )
    .transform((given) => given.split(',').filter(isWord))
    .meta({ description: `One or more of ${words.join(', ')}, separated by commas.` })
}
