/** Who can reach the server, and what that demands. Owns the rule "safe by default"; never opens a socket. */
import { BlockList, isIP } from 'node:net'
import type { EnvironmentSetting } from '../ledger/environments.ts'
import { demoEnvironment } from './demo-environment.ts'
import { openWithDemoCredentials, openWithoutToken } from './refusals.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Any other name counts as open to others, whatever it resolves to today. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true
  const family = isIP(host)
  return family !== 0 && loopback.check(host, family === 6 ? 'ipv6' : 'ipv4')
}

const hasDemoCredentials = ({ secretId, secretKey, provider, merchants }: EnvironmentSetting) =>
  secretId === demoEnvironment.secretId ||
  secretKey === demoEnvironment.secretKey ||
  [provider, ...merchants].some(({ apiKey }) => apiKey === demoEnvironment.provider.apiKey)

/** On any address but loopback: an administrator token, and credentials that nobody else knows. */
export function refuseOpenDoors(
  host: string,
  adminToken: string | undefined,
  environments: readonly EnvironmentSetting[],
): void {
  if (isLoopback(host)) return
  const demo = environments.find(hasDemoCredentials)
  if (demo !== undefined) throw openWithDemoCredentials(host, demo.envId)
  if (adminToken === undefined) throw openWithoutToken(host)
}
