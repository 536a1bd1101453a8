/** Time and chance, handed in by `app`: nothing below it reads a clock or draws a random number. */

export interface World {
  /** Real time. */
  wallClock(): Date
  /** Cryptographically random. */
  randomBytes(size: number): Uint8Array
}

/** A fresh id of a command (UUID, version 4). */
export function newCommandId(world: World): string {
  const bytes = Buffer.from(world.randomBytes(16))
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
