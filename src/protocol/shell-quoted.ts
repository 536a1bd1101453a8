/** A value as a POSIX shell takes it, quoted only where it must be: what is printed to be copied runs nothing else. */
export const shellQuoted = (value: string) =>
  /^[\w.:/@%+-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`

/**
 * The same of what stands last on a command line, and is no flag however it begins: a number may be `--help`.
 * Where it may begin so, flags go before it.
 */
export const lastArgument = (value: string) =>
  value.startsWith('-') ? `-- '${value.replaceAll("'", `'\\''`)}'` : shellQuoted(value)
