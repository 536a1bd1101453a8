import { expect, test } from 'vitest'
import { columns, shortened } from './columns.ts'
import { factLines, tableLines } from './table.ts'
import type { Paint } from './terminal.ts'
import { wrapped } from './wrapped.ts'

const plain: Paint = (_style, text) => text
const marked: Paint = (style, text) => `<${style}>${text}</>`

test('a Chinese character stands two columns wide, an emoji as well', () => {
  expect(columns('端口 8688。')).toBe(11)
  expect(columns('茶🍵')).toBe(4)
})

test('columns are in line whatever the script, and no line ends in blanks', () => {
  const lines = tableLines(
    [{ head: '订单' }, { head: '金额', side: 'right' }, { head: 'what' }],
    [
      ['TEA-0001', '9.90', '乌龙茶'],
      ['茶-2', '1,000.00', ''],
    ],
    plain,
  )
  expect(lines).toEqual(['订单          金额  what', 'TEA-0001      9.90  乌龙茶', '茶-2      1,000.00'])
  expect(tableLines([{ head: 'none' }], [], plain)).toEqual([])
})

test('a colour does not move what follows', () => {
  const [, line] = tableLines(
    [{ head: 'state' }, { head: 'n' }],
    [[{ text: 'PAID', style: 'green' }, '1']],
    marked,
  )
  expect(line).toBe('<green>PAID </>  1')
})

test('what is too wide is cut between characters, and says so', () => {
  expect(shortened('乌龙茶一杯', 6)).toBe('乌龙…')
  expect(shortened('oolong', 6)).toBe('oolong')
})

test("what a shop wrote cannot clear the screen, move the cursor, or turn the line's direction", () => {
  const evil = '\u001b[2J\u009b31mtea\r\nPAID\u202e'
  const [, cell] = tableLines([{ head: 'what' }], [[evil]], plain)
  const [fact] = factLines([['what', evil]], plain)
  for (const line of [cell, fact]) expect(line).not.toMatch(/[\p{Cc}\u202e]/u)
})

test('facts are in line, and those that are not known are left out', () => {
  expect(
    factLines(
      [
        ['订单', 'TEA-1'],
        ['paid at', undefined],
        ['why', 'late'],
      ],
      plain,
    ),
  ).toEqual(['  订单  TEA-1', '  why   late'])
})

test.each([
  ['oolong tea and cake', 10, 'oolong tea\nand cake'],
  ['乌龙茶，一杯 9.90 元', 10, '乌龙茶，一\n杯 9.90 元'],
  ['茶：TEA-0001', 8, '茶：\nTEA-0001'],
  ['第一行\n第二行', 80, '第一行\n第二行'],
  ['start it: cloudpay run -- <command>', 28, 'start it: cloudpay run\n-- <command>'],
  ['there are more: --limit <number>, or --all', 25, 'there are more:\n--limit <number>, or\n--all'],
  [
    '运行 cloudpay run --container <服务>=<地址> -- <命令> 即可',
    36,
    '运行 cloudpay run\n--container <服务>=<地址> -- <命令>\n即可',
  ],
])('%j in lines of %i columns', (text, width, lines) => {
  expect(wrapped(text, width)).toBe(lines)
})
