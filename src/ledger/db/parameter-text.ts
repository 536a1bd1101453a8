/**
 * How a parameter of a statement is spelt. Every driver sends text and leaves the type to PostgreSQL, so
 * that one value means the same everywhere: drivers' own conversions differ (local against universal time,
 * what they make of `undefined`), and some throw errors that look like a lost connection.
 */

/**
 * One parameter as PostgreSQL reads it: null, or text in the input form of its type.
 * A Date becomes UTC with milliseconds, a Uint8Array hexadecimal bytea, an array an array literal.
 *
 * @param place from 1, for the message only
 * @throws TypeError a value that no column takes (undefined, an invalid Date, an object: give jsonb as
 *   JSON text). The caller's mistake; nothing was sent
 */
export function parameterText(value: unknown, place: number): string | null {
  if (value === null) return null
  return Array.isArray(value) ? arrayLiteral(value, place) : scalarText(value, place)
}

function scalarText(value: unknown, place: number): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      return String(value)
    case 'boolean':
      return value ? 't' : 'f'
  }
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  const found = value instanceof Date ? 'an invalid Date' : value === undefined ? 'undefined' : typeof value
  throw new TypeError(`parameter $${place} is ${found}: neither text, number, boolean, Date, bytes nor null`)
}

/** Quotes every element: bare, an empty one would be lost and the word null would become a null. */
function arrayLiteral(elements: readonly unknown[], place: number): string {
  const spelt = elements.map((element) => {
    if (element === null) return 'null'
    if (Array.isArray(element)) return arrayLiteral(element, place)
    return `"${scalarText(element, place).replace(/["\\]/g, '\\$&')}"`
  })
  return `{${spelt.join(',')}}`
}
