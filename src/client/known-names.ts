/** Names of options and filters, for programs that no compiler checks. */

/**
 * A misspelt filter would list everything, and a misspelt address is another server.
 * @param known all that there are
 * @throws TypeError
 */
export function refuseUnknown<Options extends object>(
  what: string,
  given: Options,
  known: Readonly<Record<keyof Options, true>>,
): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name))
  if (unknown !== undefined)
    throw new TypeError(`${what} has no ${unknown}; it has ${Object.keys(known).join(', ')}`)
}
