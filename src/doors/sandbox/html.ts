/** HTML from pieces: every value is escaped, and what is HTML already says so. */

export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? character)

type Piece = string | number | Html | readonly Html[] | undefined

const written = (piece: Piece): string => {
  if (piece === undefined) return ''
  if (piece instanceof Html) return piece.text
  return typeof piece === 'object' ? piece.map(({ text }) => text).join('') : escaped(String(piece))
}

/** A tag for templates; `undefined` is nothing. */
export const html = (texts: TemplateStringsArray, ...pieces: readonly Piece[]): Html =>
  new Html(texts.map((text, place) => text + written(pieces[place])).join(''))
