/**
 * `--container <service>=<url>`: containers of Cloud Run that this machine runs, said to the server while a command
 * lasts, so that callbacks of orders find them. Owns the form of the option; the saying is the client's.
 */
import { randomBytes } from 'node:crypto'
import { brokenSetting } from '../app/refusals.ts'
import { adminTokenVariable } from '../app/settings.ts'
import type { Context } from './context.ts'
import { heardText } from './heard-text.ts'

export interface Container {
  readonly service: string
  /** Without path: each order brings its own. */
  readonly url: string
}

/** @throws StartRefused */
export const readContainers = (given: readonly string[]): Container[] =>
  given.map((text) => {
    const [, service = '', url = ''] = /^([^=\s]{1,128})=(https?:\/\/.+)$/i.exec(text) ?? []
    const { origin, pathname, search, hash } = URL.canParse(url) ? new URL(url) : new URL('http://x/none')
    if (pathname === '/' && search === '' && hash === '') return { service, url: origin }
    throw brokenSetting('--container', text, {
      zh: '应为 <服务名>=<地址>，地址不带路径，例如 pay=http://127.0.0.1:8080',
      en: 'it must be <service>=<url>, the url without a path, such as pay=http://127.0.0.1:8080',
    })
  })

/** @returns what ends it; every container has been said once by then, to a server that listens */
export async function sayContainers(
  containers: readonly Container[],
  origin: string,
  envId: string | undefined,
  { variables, warn }: Pick<Context, 'variables' | 'warn'>,
): Promise<() => Promise<void>> {
  if (containers.length === 0) return async () => {}
  // Only now: what it checks with takes a while to load.
  const { keepSaying } = await import('../client/host-saying.ts')
  const server = { origin, adminToken: variables[adminTokenVariable] || undefined }
  const kept = containers.map(({ service, url }) => {
    const hostId = randomBytes(16).toString('hex')
    let troubled = false
    return keepSaying({
      ...server,
      saying: () => ({ env_id: envId, host_id: hostId, kind: 'container', url, names: [service] }),
      changed(heard) {
        const inOrder = heard.state === 'told'
        // The command has the terminal: only what is not as it should be, and that it is again.
        if (troubled || !inOrder) warn(heardText(origin, heard, server.adminToken))
        troubled = !inOrder
      },
    })
  })
  await Promise.all(kept.map((sayings) => sayings.say()))
  return async () => {
    await Promise.all(kept.map((sayings) => sayings.gone()))
  }
}
