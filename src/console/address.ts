/** Which page is shown, and with which filters: what stands behind `#` in the address, so that it can be kept and sent. */
import { computed, signal } from '@preact/signals'
import { type ConsolePage, consolePages } from '../protocol/console-pages.ts'
import { envId, environments } from './session.ts'

export { consolePages as pages } from '../protocol/console-pages.ts'
export type PageName = ConsolePage

export interface Address {
  readonly page: PageName
  /** What is looked at on it, such as a merchant and a number. */
  readonly of: readonly string[]
  readonly filters: Readonly<Record<string, string>>
}

const isPage = (text: string | undefined): text is PageName => consolePages.some((page) => page === text)

function read(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2)
  const [page, ...of] = path.split('/').map(decodeURIComponent)
  return {
    page: isPage(page) ? page : 'orders',
    of: of.filter((piece) => piece !== ''),
    filters: Object.fromEntries(new URLSearchParams(query)),
  }
}

const readable = (hash: string): Address => {
  try {
    return read(hash)
  } catch {
    return read('')
  }
}

export const address = signal(readable(location.hash))
addEventListener('hashchange', () => {
  address.value = readable(location.hash)
})

/** What the page itself is: changes where a person went elsewhere, not where they filter. */
export const place = computed(() => [address.value.page, ...address.value.of].join('/'))

/** Where there are several, a link that is kept or sent on says which it means. */
const environmentMeant = () => (environments.value.length > 1 ? { env: envId.value } : {})

/** Filters without a value are left out. */
export function linkTo(
  page: PageName,
  of: readonly string[] = [],
  filters: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries({ ...environmentMeant(), ...filters }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  )
  const query = new URLSearchParams(given).toString()
  return `#/${[page, ...of].map(encodeURIComponent).join('/')}${query === '' ? '' : `?${query}`}`
}

export const linkToOrder = ({ subMchId, outTradeNo }: { subMchId: string; outTradeNo: string }) =>
  linkTo('orders', [subMchId, outTradeNo])

/** Filters in the place of those that stand there; the way back leads past them. */
export function filterBy(filters: Readonly<Record<string, string | undefined>>): void {
  const { page, of } = address.value
  location.replace(linkTo(page, of, { ...address.value.filters, ...filters }))
}

export function go(link: string): void {
  location.hash = link
}
