/** Texts in which `code` stands between backquotes. */
export const Marked = ({ text }: { text: string }) => (
  <>{text.split('`').map((piece, place) => (place % 2 === 1 ? <code key={place}>{piece}</code> : piece))}</>
)
