/** A word that is misspelt in a test would pass by silently: the test would then prove nothing. */

/** @throws TypeError an option has no such name */
export function onlyKnown(what: string, options: object, names: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`${what} has no option ${unknown}; there are ${names.join(', ')}`)
}
