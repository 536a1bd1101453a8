/**
 * Secrets pass through here, and only here: how a key is stored and how it is read back. Stored as
 * `(key id, bytes)`, so that a way of sealing them can be added without touching a row that exists.
 */

/** Stored as they are: whoever reads the data folder reads them. */
const plain = 'plain'

export interface StoredSecret {
  readonly keyId: string
  readonly bytes: Uint8Array
}

export const storeSecret = (secret: string): StoredSecret => ({
  keyId: plain,
  bytes: Buffer.from(secret, 'utf8'),
})

/** @throws Error for a key id that this program does not know: the secret was stored by a newer one */
export function readSecret({ keyId, bytes }: StoredSecret): string {
  if (keyId !== plain)
    throw new Error(`a secret is stored under the key id "${keyId}", which is not known here`)
  return Buffer.from(bytes).toString('utf8')
}
