/** Texts in which `code` stands between backquotes, and commands of ours anywhere; a command can be copied. */
import { isCommand, marked } from '../commands.ts'
import { Copy } from './copy.tsx'

export const Marked = ({ text }: { text: string }) => (
  <>
    {marked(text)
      .split('`')
      .map((piece, place) => {
        if (place % 2 === 0) return piece
        if (!isCommand(piece)) return <code key={place}>{piece}</code>
        return (
          <span key={place} class="command">
            <code>{piece}</code>
            <Copy text={piece} label={piece} />
          </span>
        )
      })}
  </>
)
