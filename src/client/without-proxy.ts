/** What keeps a proxy of the user's own out of the way of certain hosts. Owns the forms of NO_PROXY. */

export type Variables = Readonly<Record<string, string | undefined>>

/** The user's own exceptions and `hosts`, in both spellings that are in use. */
export function withoutProxy(own: Variables, hosts: readonly string[]): Variables {
  const { NO_PROXY = '', no_proxy = '' } = own
  const all = [NO_PROXY, no_proxy, ...hosts].flatMap((list) => list.split(',')).map((host) => host.trim())
  const list = all.includes('*') ? '*' : [...new Set(all)].filter((host) => host !== '').join(',')
  return { NO_PROXY: list, no_proxy: list }
}
