/** Lines of a width: broken between words, and between Chinese characters but for their punctuation. */
import { columns } from './columns.ts'

/** What stays together: a flag and what it takes, `-- <command>` too; a space; a Chinese character with the marks around it; a word of any other script. */
const pieces =
  /--?[\w-]* [<[][^>\]]*[>\]]\S*|\s+|[（“‘《]*[\p{Script=Han}][，。；：、）”’》？！…]*|[（“‘《]*[^\s\p{Script=Han}，。；：、）”’》？！]+[，。；：、）”’》？！…]*|\S/gu

export function wrapped(text: string, width: number): string {
  const lines: string[] = []
  for (const line of text.split('\n')) {
    let filled = ''
    for (const piece of line.match(pieces) ?? []) {
      if (filled !== '' && columns(`${filled}${piece}`.trimEnd()) > width) {
        lines.push(filled.trimEnd())
        filled = piece.trimStart()
      } else filled += piece
    }
    lines.push(filled.trimEnd())
  }
  return lines.join('\n')
}
