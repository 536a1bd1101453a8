/**
 * The variables that point the official SDK at this server. Owns their names and forms, tried with
 * wx-server-sdk 4.0.2, 3.0.4 and 2.6.3; code that uses the SDK stays as it is.
 */
import { type Variables, withoutProxy } from './without-proxy.ts'

export const defaultServerUrl = 'http://127.0.0.1:8688'

/**
 * Protocol, host and port of an address as people write it; undefined when it cannot be one of this server.
 * `/admin` at its end is taken off; another path is refused: the SDK would sign what the server never sees.
 * The host comes out in lower case: the SDK signs it as written, and sends it in lower case.
 */
export function serverOrigin(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, origin, pathname, search, hash, username } = new URL(url)
  const bare = /^\/(admin\/?)?$/.test(pathname) && search === '' && hash === '' && username === ''
  return bare && /^https?:$/.test(protocol) ? origin : undefined
}

/** What a shell or a container has to set. @param origin as `serverOrigin` gives it */
export const sdkVariables = (origin: string, secretId: string, secretKey: string) => ({
  // The SDK appends its query, and signs the path as written: it must be there.
  TCB_CONTEXT_CNFG: JSON.stringify({ URL: `${origin}/admin` }),
  TENCENTCLOUD_SECRETID: secretId,
  TENCENTCLOUD_SECRETKEY: secretKey,
})

/**
 * Variables for a process whose SDK shall talk to `origin`: the caller's own, ours over them, and none left
 * that would lead the SDK elsewhere. (Of `TCB_CONTEXT_CNFG` the SDK reads the URL only: it is replaced.)
 */
export const variablesForSdk = (
  own: Variables,
  origin: string,
  secretId: string,
  secretKey: string,
): Variables => ({
  ...own,
  // Version 2 and 3 of the SDK obey HTTP_PROXY even towards loopback.
  ...withoutProxy(own, [new URL(origin).hostname]),
  ...sdkVariables(origin, secretId, secretKey),
  // Goes with the caller's real keys, and would be sent along with ours.
  TENCENTCLOUD_SESSIONTOKEN: undefined,
  // Inside Kubernetes, versions 2 and 3 ask Tencent's metadata service for keys and ignore these.
  KUBERNETES_SERVICE_HOST: undefined,
})
