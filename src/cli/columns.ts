/** How wide a text stands in a terminal: Chinese characters, full-width punctuation and emoji take two columns. */
import stringWidth from 'string-width'

export const columns = (text: string): number => stringWidth(text)

/** @param side where the text stands */
export const padded = (text: string, width: number, side: 'left' | 'right' = 'left'): string => {
  const space = ' '.repeat(Math.max(0, width - columns(text)))
  return side === 'left' ? `${text}${space}` : `${space}${text}`
}

const ofCharacters = new Intl.Segmenter('zh', { granularity: 'grapheme' })

/** No wider than that; what is missing shows as `…`. */
export function shortened(text: string, width: number): string {
  if (columns(text) <= width) return text
  let kept = ''
  for (const { segment } of ofCharacters.segment(text)) {
    if (columns(kept) + columns(segment) > width - 1) break
    kept += segment
  }
  return `${kept}…`
}
