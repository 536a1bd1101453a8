/**
 * The names of WeChat's servers that payment code has written in, and how a program is made to find this server there.
 * Owns the names, the variables that do it, and what lives as long as the program; nothing on the machine is changed.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Text } from '../protocol/text.ts'
import { addressOf, type Entry, loopback, openPlainEntry, openTlsEntry } from './entry.ts'
import { type Variables, withoutProxy } from './without-proxy.ts'

/** Payment alone is served there: by http and https. The second is the first's twin, same paths. */
export const payNames = ['api.mch.weixin.qq.com', 'api2.mch.weixin.qq.com'] as const
/** Containers call it by plain http; by https all the rest of WeChat answers there, and goes on doing so. */
export const openName = 'api.weixin.qq.com'

export const httpPort = 80
export const httpsPort = 443

/**
 * For NO_PROXY. Without ports, which axios 0.x does not understand there: better that the rest of WeChat goes without
 * the user's proxy than that a payment goes through it.
 */
const ledHosts = [openName, ...payNames]

/** Loaded by Node itself, so as a file, and as one that the oldest can read. */
const preload = fileURLToPath(new URL('./lead-connections.cjs', import.meta.url))

/** Node splits NODE_OPTIONS at spaces; a backslash escapes only between quotes. */
const asNodeOption = (path: string) =>
  /[\s"]/.test(path) ? `"${path.replace(/[\\"]/g, (special) => `\\${special}`)}"` : path

const nodeOptions = (own: string | undefined) =>
  [own ?? '', `--require ${asNodeOption(preload)}`].join(' ').trim()

type Address = readonly [host: string, port: number]

/** Which connections go where. Read by lead-connections.cts. */
const tableFor = (plain: Address, secure: Address): Readonly<Record<string, Address>> =>
  Object.fromEntries([
    ...[openName, ...payNames].map((name) => [`${name}:${httpPort}`, plain]),
    ...payNames.map((name) => [`${name}:${httpsPort}`, secure]),
  ])

export interface Troubles {
  /** Something that the user should know, and that stops nothing. */
  onTrouble(text: Text): void
}

/** Node takes one file: a user's own stays in force inside ours. */
async function ownAuthorities(path: string | undefined, { onTrouble }: Troubles): Promise<string> {
  if (path === undefined || path === '') return ''
  try {
    return `${await readFile(path, 'utf8')}\n`
  } catch {
    onTrouble({
      zh: `NODE_EXTRA_CA_CERTS 指向的文件 ${path} 无法读取，已忽略`,
      en: `the file ${path}, which NODE_EXTRA_CA_CERTS names, cannot be read and is left out`,
    })
    return ''
  }
}

export interface LedNames {
  /** To be laid over the program's own. */
  readonly variables: Variables
  /** Once the program has ended. */
  close(): Promise<void>
}

/**
 * Makes the names lead to a server, for a Node program that is started with these variables and for what it starts.
 *
 * @param origin the server, as `serverOrigin` gives it
 * @param own the variables that the program would have without this
 * @throws what the system refuses: a port, or a folder for temporary files
 */
export async function leadNames(origin: string, own: Variables, troubles: Troubles): Promise<LedNames> {
  // Only now: it is not light, and not every command needs it.
  const { makeCertificates } = await import('./certificates.ts')
  const certificates = await makeCertificates(payNames, new Date())
  const trusted = `${await ownAuthorities(own.NODE_EXTRA_CA_CERTS, troubles)}${certificates.authority}`
  const folder = await mkdtemp(join(tmpdir(), 'cloudpay-run-'))
  const entries: Entry[] = []
  const opened = async (entry: Promise<Entry>): Promise<Address> => {
    entries.push(await entry)
    return [loopback, (await entry).port]
  }
  const close = async () => {
    await Promise.all(entries.map((entry) => entry.close()))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const authorities = join(folder, 'ca.pem')
    await writeFile(authorities, trusted, { mode: 0o600 })
    const secure = await opened(openTlsEntry(0, origin, certificates))
    // Plain requests need no help to reach a plain server.
    const { host, port } = addressOf(origin)
    const plain: Address = origin.startsWith('https:')
      ? await opened(openPlainEntry(0, origin))
      : [host, port]
    const variables = {
      ...withoutProxy(own, ledHosts),
      CLOUDPAY_LED_NAMES: JSON.stringify(tableFor(plain, secure)),
      NODE_OPTIONS: nodeOptions(own.NODE_OPTIONS),
      NODE_EXTRA_CA_CERTS: authorities,
    }
    return { variables, close }
  } catch (error) {
    await close()
    throw error
  }
}
