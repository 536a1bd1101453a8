/** Tables for people: columns in line whatever the script, a head, no frame. What a cell says is printed harmlessly. */

import { printable } from '../protocol/printable.ts'
import { columns, padded, shortened } from './columns.ts'
import type { Paint, Style } from './terminal.ts'

export interface Cell {
  readonly text: string
  readonly style?: Style | undefined
}

export interface Column {
  readonly head: string
  /** Where the text stands; amounts to the right. */
  readonly side?: 'left' | 'right' | undefined
  /** Text that is longer is cut; left out: shown whole. */
  readonly widest?: number | undefined
}

const gap = '  '

const cellOf = (cell: Cell | string, { widest }: Column): Cell => {
  const { text, style } = typeof cell === 'string' ? { text: cell } : cell
  const shown = printable(text)
  return { text: widest === undefined ? shown : shortened(shown, widest), style }
}

/** @returns lines, the head first; no lines for no rows */
export function tableLines(
  heads: readonly Column[],
  rows: readonly (readonly (Cell | string)[])[],
  paint: Paint,
): string[] {
  if (rows.length === 0) return []
  const cells = rows.map((row) => heads.map((head, at) => cellOf(row[at] ?? '', head)))
  const widths = heads.map(({ head }, at) =>
    Math.max(columns(head), ...cells.map((row) => columns(row[at]?.text ?? ''))),
  )
  const line = (row: readonly Cell[]) =>
    row
      .map(({ text, style }, at) => {
        const side = heads[at]?.side ?? 'left'
        // Nobody sees blanks at the end of a line, but whoever pastes them.
        const whole = at === row.length - 1 && side === 'left' ? text : padded(text, widths[at] ?? 0, side)
        return style === undefined ? whole : paint(style, whole)
      })
      .join(gap)
      .trimEnd()
  return [line(heads.map(({ head }) => ({ text: head, style: 'dim' }))), ...cells.map(line)]
}

/** A fact a line: what it is, and what it says. @param rows those without a text are left out */
export function factLines(
  rows: readonly (readonly [label: string, text: string | undefined])[],
  paint: Paint,
): string[] {
  const said = rows.filter((row): row is readonly [string, string] => row[1] !== undefined)
  const width = Math.max(0, ...said.map(([label]) => columns(label)))
  return said.map(([label, text]) => `  ${paint('dim', padded(label, width))}${gap}${printable(text)}`)
}
