/** A value as a POSIX shell takes it, quoted only where it must be. */
export const shellQuoted = (value: string) =>
  /^[\w.:/@%+-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
