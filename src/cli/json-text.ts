/** What `--json` prints: JSON, in which nothing moves a cursor either. */

/** Control characters that JSON lets stand; terminals take some of them for the beginning of a command. */
const unescaped = /[\u007f-\u009f]/g

/** @param indent left out: on one line */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replaceAll(
    unescaped,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
