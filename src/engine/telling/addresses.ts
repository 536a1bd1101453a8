/**
 * Which addresses a callback may go to: asked of the address that is really connected to, for a name can lead anywhere.
 * A sandbox calls loopback and private networks, which is what it is for; never link-local ones, behind which clouds keep
 * their metadata and credentials.
 */
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { openNames } from './names.ts'

const forbidden = new BlockList()
// "This host", link-local, multicast, reserved and broadcast.
forbidden.addSubnet('0.0.0.0', 8, 'ipv4')
forbidden.addSubnet('169.254.0.0', 16, 'ipv4')
forbidden.addSubnet('224.0.0.0', 3, 'ipv4')
forbidden.addAddress('::', 'ipv6')
forbidden.addSubnet('fe80::', 10, 'ipv6')
forbidden.addSubnet('ff00::', 8, 'ipv6')
// Link-local ones of IPv4 in the forms of IPv6 that translators know: 6to4, NAT64, SIIT, and the oldest.
forbidden.addSubnet('2002:a9fe::', 32, 'ipv6')
for (const form of ['64:ff9b::', '64:ff9b:1::', '::ffff:0:', '::'])
  forbidden.addSubnet(`${form}a9fe:0`, 112, 'ipv6')
// Metadata services that are not link-local: Alibaba Cloud's, and Amazon's on IPv6.
forbidden.addAddress('100.100.100.200', 'ipv4')
forbidden.addAddress('fd00:ec2::254', 'ipv6')

export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress'
  readonly address: string

  constructor(address: string) {
    super(`${address} may not be called`)
    this.address = address
  }
}

/** @param address IPv4 or IPv6; one of IPv4 in the form of IPv6 is what it is */
export const isForbidden = (address: string): boolean =>
  forbidden.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

const names = openNames()

/** Resolves a name to those of its addresses that may be called. */
export const allowedLookup: LookupFunction = (hostname, options, done) => {
  names.addressesOf(hostname, options.family).then(
    (addresses) => {
      const allowed = addresses.filter(({ address }) => !isForbidden(address))
      const [first] = allowed
      if (first === undefined) return done(new ForbiddenAddress(addresses[0]?.address ?? hostname), [])
      return options.all === true ? done(null, allowed) : done(null, first.address, first.family)
    },
    (error: NodeJS.ErrnoException) => done(error, []),
  )
}

/** @throws ForbiddenAddress an address that is written down is never looked up */
export function refuseWrittenAddress(url: URL): void {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) !== 0 && isForbidden(host)) throw new ForbiddenAddress(host)
}
