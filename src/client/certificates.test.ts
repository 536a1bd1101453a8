/** Certificates as OpenSSL reads them, which is what nearly every client checks them with. */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:tls'
import { expect, test } from 'vitest'
import { authorityName, type Certificates, makeCertificates } from './certificates.ts'

const now = new Date('2030-01-01T08:00:00Z')
const made = await makeCertificates(['a.example', 'b.example'], now)
const authority = new X509Certificate(made.authority)
const certificate = new X509Certificate(made.certificate)

test('the authority signed both, itself and the server', () => {
  expect(authority.subject).toBe(`CN=${authorityName}`)
  expect(authority.ca).toBe(true)
  expect(authority.verify(authority.publicKey)).toBe(true)
  expect(certificate.ca).toBe(false)
  expect(certificate.checkIssued(authority)).toBe(true)
  expect(certificate.verify(authority.publicKey)).toBe(true)
})

test('the server’s names are those asked for, and no others', () => {
  expect(certificate.checkHost('a.example')).toBe('a.example')
  expect(certificate.checkHost('b.example')).toBe('b.example')
  expect(certificate.checkHost('c.example')).toBeUndefined()
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
})

test('the authority may sign for these names alone, and no client may overlook that', () => {
  const nameConstraintsCritical = '0603551d1e0101ff'
  expect(authority.raw.toString('hex')).toContain(nameConstraintsCritical)
})

test('both are valid from yesterday, for a year', () => {
  for (const { validFrom, validTo } of [authority, certificate]) {
    expect(new Date(validFrom)).toEqual(new Date('2029-12-31T08:00:00Z'))
    expect(new Date(validTo)).toEqual(new Date('2031-01-01T08:00:00Z'))
  }
})

test('no two runs share a key or a number', async () => {
  const other = new X509Certificate((await makeCertificates(['a.example'], now)).authority)
  expect(other.serialNumber).not.toBe(authority.serialNumber)
  expect(other.fingerprint256).not.toBe(authority.fingerprint256)
})

/** @returns what a client that trusts the authority hears from a server with this certificate */
async function heard(name: string, { certificate: cert, privateKey: key, authority: ca }: Certificates) {
  const server = createServer({ cert, key }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const client = connect({ port, host: '127.0.0.1', servername: name, ca })
  try {
    await once(client, 'secureConnect')
    return 'trusted'
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  } finally {
    client.destroy()
    server.close()
  }
}

test('a client that trusts the authority trusts the server, under its own name only', async () => {
  const fresh = await makeCertificates(['a.example'], new Date())
  expect(await heard('a.example', fresh)).toBe('trusted')
  expect(await heard('b.example', fresh)).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
})

test('a client that trusts another run’s authority refuses it', async () => {
  const fresh = await makeCertificates(['a.example'], new Date())
  const { authority } = await makeCertificates(['a.example'], new Date())
  expect(await heard('a.example', { ...fresh, authority })).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
})
