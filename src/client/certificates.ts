/**
 * A certificate for a few names, and the authority that signed it, made for one run. Owns their form. The authority's
 * key cannot be taken out of the function that makes it and is gone when that returns: nobody signs a second one.
 */
import { randomBytes, webcrypto } from 'node:crypto'
import { BitString, Integer, OctetString, type Sequence, Utf8String } from 'asn1js'
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  GeneralSubtree,
  id_AuthorityKeyIdentifier,
  id_BasicConstraints,
  id_ExtKeyUsage,
  id_KeyUsage,
  id_NameConstraints,
  id_SubjectAltName,
  id_SubjectKeyIdentifier,
  NameConstraints,
  RelativeDistinguishedNames,
  Time,
} from 'pkijs'

/** All in PEM. */
export interface Certificates {
  /** Of the authority: what a client has to trust. */
  readonly authority: string
  /** For the names, and its private key. */
  readonly certificate: string
  readonly privateKey: string
}

/** How an authority of ours is called wherever certificates are listed. No punctuation: lists escape it. */
export const authorityName = 'OpenCloudPay sandbox of one run'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const digest = 'SHA-256'
const dayMs = 86_400_000
/** No client takes one that is valid for longer than 398 days. */
const validDays = 365
const commonName = '2.5.4.3'
const serverAuthentication = '1.3.6.1.5.5.7.3.1'
/** A kind of GeneralName. */
const dnsName = 2
/** Bits of KeyUsage, the first on the left. */
const usage = { digitalSignature: 0x80, signCertificates: 0x04 }

const pem = (label: string, der: ArrayBuffer) => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

const called = (name: string) =>
  new RelativeDistinguishedNames({
    typesAndValues: [new AttributeTypeAndValue({ type: commonName, value: new Utf8String({ value: name }) })],
  })

const named = (name: string) => new GeneralName({ type: dnsName, value: name })

/** What an extension holds knows its own encoding, whichever it is. */
const extension = (
  extnID: string,
  content: { toSchema(): Sequence } | BitString | OctetString,
  critical = false,
) => {
  const schema = 'toSchema' in content ? content.toSchema() : content
  return new Extension({ extnID, critical, extnValue: schema.toBER() })
}

/** @param bits of {@link usage}, without the unused ones at its end, as DER wants it */
const keyUsage = (bits: number) => {
  const unusedBits = 31 - Math.clz32(bits & -bits)
  return extension(id_KeyUsage, new BitString({ valueHex: Uint8Array.of(bits).buffer, unusedBits }), true)
}

/** Positive and never the same twice: a client may remember the authority of another run. */
const serialNumber = () => new Integer({ valueHex: Uint8Array.of(1, ...randomBytes(15)).buffer })

const unsigned = (subject: string, now: Date, extensions: Extension[]) =>
  new Certificate({
    version: 2, // which means 3
    serialNumber: serialNumber(),
    issuer: called(authorityName),
    subject: called(subject),
    // From yesterday: clocks differ.
    notBefore: new Time({ value: new Date(now.getTime() - dayMs) }),
    notAfter: new Time({ value: new Date(now.getTime() + validDays * dayMs) }),
    extensions,
  })

/** @param names of servers; the authority may sign for no others, by its own certificate */
export async function makeCertificates(
  names: readonly [string, ...string[]],
  now: Date,
): Promise<Certificates> {
  const { subtle } = webcrypto
  const authorityKeys = await subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const serverKeys = await subtle.generateKey(algorithm, true, ['sign', 'verify'])

  const authority = unsigned(authorityName, now, [
    extension(id_BasicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
    keyUsage(usage.signCertificates),
    extension(
      id_NameConstraints,
      new NameConstraints({
        permittedSubtrees: names.map((name) => new GeneralSubtree({ base: named(name) })),
      }),
      true,
    ),
  ])
  await authority.subjectPublicKeyInfo.importKey(authorityKeys.publicKey)
  const keyId = await authority.getKeyHash()
  authority.extensions?.push(extension(id_SubjectKeyIdentifier, new OctetString({ valueHex: keyId })))
  await authority.sign(authorityKeys.privateKey, digest)

  const server = unsigned(names[0], now, [
    extension(id_SubjectAltName, new GeneralNames({ names: names.map(named) })),
    extension(id_ExtKeyUsage, new ExtKeyUsage({ keyPurposes: [serverAuthentication] })),
    keyUsage(usage.digitalSignature),
    extension(
      id_AuthorityKeyIdentifier,
      new AuthorityKeyIdentifier({ keyIdentifier: new OctetString({ valueHex: keyId }) }),
    ),
  ])
  await server.subjectPublicKeyInfo.importKey(serverKeys.publicKey)
  await server.sign(authorityKeys.privateKey, digest)

  return {
    authority: pem('CERTIFICATE', authority.toSchema(true).toBER()),
    certificate: pem('CERTIFICATE', server.toSchema(true).toBER()),
    privateKey: pem('PRIVATE KEY', await subtle.exportKey('pkcs8', serverKeys.privateKey)),
  }
}
