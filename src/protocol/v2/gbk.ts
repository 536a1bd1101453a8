/** GBK, which old programs still encode with. The platform decodes it only: the table is turned around, once. */

let table: ReadonlyMap<string, number> | undefined

function readTable(): Map<string, number> {
  const decoder = new TextDecoder('gbk')
  const byCharacter = new Map<string, number>()
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const character = decoder.decode(Uint8Array.of(lead, trail))
      if (character.length === 1 && character !== '\ufffd' && !byCharacter.has(character))
        byCharacter.set(character, lead * 256 + trail)
    }
  }
  return byCharacter
}

/** What GBK does not hold becomes `?`, as encoders have it. */
export function gbkOf(text: string): Uint8Array {
  table ??= readTable()
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const pair = code < 0x80 ? undefined : (table.get(character) ?? 0x3f)
    if (pair === undefined) bytes.push(code)
    else if (pair < 256) bytes.push(pair)
    else bytes.push(pair >> 8, pair & 0xff)
  }
  return Uint8Array.from(bytes)
}
