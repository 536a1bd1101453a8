/** A value as a POSIX shell takes it, quoted only where it must be: what is printed to be copied runs nothing else. */
export const shellQuoted = (value: string) =>
  /^[\w.:/@%+-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
