import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { textForAnyone } from '../catalogue.ts'
import { maxFields, maxXmlBytes, readXml, writeXml } from './xml.ts'

const read = (text: string) => readXml(Buffer.from(text))

/** The fields as an object; fails the test when the document was refused. */
function fieldsIn(text: string): Record<string, string> {
  const found = read(text)
  if ('refused' in found) throw new Error(`refused: ${found.text.en}`)
  return Object.fromEntries(found.fields)
}

const refusedAs = (document: string | Uint8Array) => {
  const found = readXml(typeof document === 'string' ? Buffer.from(document) : document)
  return 'refused' in found ? found.refused : found
}

const secret = 'file:///etc/passwd'

describe('what is read', () => {
  // biome-ignore format: a table is read by its columns
  test.each([
    ['CDATA', '<xml><a><![CDATA[x < y & z]]></a></xml>', { a: 'x < y & z' }],
    ['plain and escaped text', '<xml><a>1</a><b>&lt;&amp;&gt;&quot;&apos;</b></xml>', { a: '1', b: '<&>"\'' }],
    ['numeric references', '<xml><a>&#20013;&#x6587;&#13;&#x1F375;</a></xml>', { a: '中文\r🍵' }],
    ['text and CDATA side by side', '<xml><a>1<![CDATA[&amp;]]>&amp;<![CDATA[]]]]><![CDATA[>]]></a></xml>', { a: '1&amp;&]]>' }],
    ['references in CDATA as they stand', '<xml><a><![CDATA[&lt;&#1;&bomb;]]></a></xml>', { a: '&lt;&#1;&bomb;' }],
    ['markup in CDATA as it stands', `<xml><a><![CDATA[<!DOCTYPE x SYSTEM "${secret}"><?p?><b c="d">]]></a></xml>`, { a: `<!DOCTYPE x SYSTEM "${secret}"><?p?><b c="d">` }],
    ['CDATA that opens another', '<xml><a><![CDATA[<![CDATA[x]]></a><b>2</b></xml>', { a: '<![CDATA[x', b: '2' }],
    ['values untrimmed', '<xml><a> 1\t</a><b><![CDATA[\n2 ]]></b><c> </c></xml>', { a: ' 1\t', b: '\n2 ', c: ' ' }],
    ['line ends as they are', '<xml>\r\n<a>1\r\n2\r</a>\r\n<b><![CDATA[3\r4\n]]></b>\r\n</xml>\r\n', { a: '1\r\n2\r', b: '3\r4\n' }],
    ['numbers as text', '<xml><a>007</a><b>1e3</b><c>true</c></xml>', { a: '007', b: '1e3', c: 'true' }],
    ['empty elements', '<xml><a></a><b/><c ></c ><d><![CDATA[]]></d></xml>', { a: '', b: '', c: '', d: '' }],
    ['no element', '<xml></xml>', {}],
    ['a declaration', '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<xml><a>1</a></xml>', { a: '1' }],
    ['a declaration without encoding', "<?xml version='1.0'?><xml><a>1</a></xml>", { a: '1' }],
    ['a byte order mark', '\uFEFF<xml><a>1</a></xml>', { a: '1' }],
    ['names that objects have by themselves', '<xml><toString>1</toString><hasOwnProperty>2</hasOwnProperty><length>3</length></xml>', { toString: '1', hasOwnProperty: '2', length: '3' }],
    ['a name of 64 characters', `<xml><${'n'.repeat(64)}>1</${'n'.repeat(64)}></xml>`, { ['n'.repeat(64)]: '1' }],
  ])('%s', (_what, text, fields) => {
    expect(fieldsIn(text)).toEqual(fields)
  })

  test('as many fields, and as many bytes, as are allowed', () => {
    const many = Array.from({ length: maxFields }, (_, at) => `<f${at}>1</f${at}>`).join('')
    expect(Object.keys(fieldsIn(`<xml>${many}</xml>`))).toHaveLength(maxFields)
    const long = '<xml><a></a></xml>'
    expect(fieldsIn(long.replace('></', `>${'x'.repeat(maxXmlBytes - long.length)}</`)).a).toHaveLength(
      maxXmlBytes - long.length,
    )
  })
})

/** Every kind that is refused; none of it may reach a parser that acts on it. */
// biome-ignore format: a table is read by its columns
const hostile: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['blanks', ' \n '],
  ['no XML', 'appid=wx1&mch_id=1'],
  ['JSON', '{"xml":{"a":1}}'],
  ['another root', '<root><a>1</a></root>'],
  ['another case of the root', '<XML><a>1</a></XML>'],
  ['two roots', '<xml><a>1</a></xml><xml><b>2</b></xml>'],
  ['two empty roots', '<xml/><xml/>'],
  ['text before the root', 'x<xml><a>1</a></xml>'],
  ['text after the root', '<xml><a>1</a></xml>x'],
  ['CDATA after the root', '<xml><a>1</a></xml><![CDATA[x]]>'],
  ['a document cut in an element', '<xml><a>1'],
  ['a document cut in a tag', '<xml><a>1</a></xm'],
  ['a document cut in CDATA', '<xml><a><![CDATA[1</a></xml>'],
  ['a document cut before its end', '<xml><a>1</a>'],
  ['tags that do not pair', '<a>1</xml>'],
  ['tags that cross', '<xml><a><b>1</a></b></xml>'],
  ['a tag that is closed twice', '<xml><a>1</a></a></xml>'],
  ['an end before the start', '</xml><xml>'],
  ['an end that is empty', '<xml><a>1</a/></xml>'],
  ['nesting', '<xml><a><b>1</b></a></xml>'],
  ['an empty element in an element', '<xml><a>1<b/></a></xml>'],
  ['text between elements', '<xml><a>1</a>x<b>2</b></xml>'],
  ['CDATA between elements', '<xml><a>1</a><![CDATA[ ]]></xml>'],
  ['a duplicate', '<xml><a>1</a><b>2</b><a>1</a></xml>'],
  ['an empty duplicate', '<xml><a>1</a><a/></xml>'],
  ['an attribute', '<xml><a b="1">1</a></xml>'],
  ['an attribute of the root', '<xml version="1.0"><a>1</a></xml>'],
  ['a namespace', '<xml xmlns="urn:x"><a>1</a></xml>'],
  ['a prefix', '<xml><n:a>1</n:a></xml>'],
  ['a tag that CDATA cuts', '<xml><a <![CDATA[x]]> >1</a></xml>'],
  ['a reference that CDATA cuts', '<xml><a>&am<![CDATA[x]]>p;</a></xml>'],
  ['a comment', '<xml><a>1<!-- x -->2</a></xml>'],
  ['a comment before the root', '<!-- x --><xml><a>1</a></xml>'],
  ['an instruction', '<xml><?php x ?><a>1</a></xml>'],
  ['a stylesheet', '<?xml-stylesheet href="http://x"?><xml><a>1</a></xml>'],
  ['a second declaration', '<?xml version="1.0"?><?xml version="1.0"?><xml><a>1</a></xml>'],
  ['a declaration in the middle', '<xml><?xml version="1.0"?><a>1</a></xml>'],
  ['a DOCTYPE', '<!DOCTYPE xml><xml><a>1</a></xml>'],
  ['a DOCTYPE in small letters', '<!doctype xml><xml><a>1</a></xml>'],
  ['an external DTD', `<!DOCTYPE xml SYSTEM "${secret}"><xml><a>1</a></xml>`],
  ['an external entity', `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "${secret}">]><xml><a>&e;</a></xml>`],
  ['a parameter entity', `<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1/x"> %e;]><xml><a>1</a></xml>`],
  ['an internal entity', '<!DOCTYPE x [<!ENTITY e "1">]><xml><a>&e;</a></xml>'],
  ['a bomb of entities', `<!DOCTYPE x [<!ENTITY a0 "lol">${Array.from({ length: 20 }, (_, at) => `<!ENTITY a${at + 1} "${`&a${at};`.repeat(10)}">`).join('')}]><xml><a>&a20;</a></xml>`],
  ['an entity nobody declared', '<xml><a>&nbsp;</a></xml>'],
  ['a bare ampersand', '<xml><a>1 & 2</a></xml>'],
  ['an ampersand at the end', '<xml><a>1&</a></xml>'],
  ['a reference to NUL', '<xml><a>&#0;</a></xml>'],
  ['a reference to a control character', '<xml><a>&#x1b;</a></xml>'],
  ['a reference to half a character', '<xml><a>&#xD83C;&#xDF75;</a></xml>'],
  ['a reference beyond Unicode', '<xml><a>&#x110000;</a></xml>'],
  ['a reference of a thousand digits', `<xml><a>&#${'1'.repeat(1000)};</a></xml>`],
  ['NUL', '<xml><a>1\0</a></xml>'],
  ['a control character', '<xml><a>1\x08</a></xml>'],
  ['the very mark of the reader', '<xml><a>1\x01</a></xml>'],
  ['DEL', '<xml><a>1\x7f</a></xml>'],
  ['__proto__', '<xml><__proto__>1</__proto__></xml>'],
  ['constructor', '<xml><constructor>1</constructor></xml>'],
  ['prototype', '<xml><prototype>1</prototype></xml>'],
  ['a name of 65 characters', `<xml><${'n'.repeat(65)}>1</${'n'.repeat(65)}></xml>`],
  ['a name that begins with a digit', '<xml><1a>1</1a></xml>'],
  ['a name with a hyphen', '<xml><a-b>1</a-b></xml>'],
  ['a Chinese name', '<xml><金额>1</金额></xml>'],
  ['201 fields', `<xml>${Array.from({ length: 201 }, (_, at) => `<f${at}>1</f${at}>`).join('')}</xml>`],
  ['10,000 fields', `<xml>${Array.from({ length: 10_000 }, (_, at) => `<f${at}/>`).join('')}</xml>`],
  ['10,000 levels', '<a>'.repeat(10_000)],
  ['more bytes than are allowed', `<xml><a>${'x'.repeat(maxXmlBytes)}</a></xml>`],
]

describe('what is refused', () => {
  test.each(hostile)('%s', (_what, text) => {
    const found = read(text)
    expect('refused' in found && found.refused).toBe('malformed')
    const said = 'refused' in found ? textForAnyone('xmlFormatError', { problem: found.text }) : ''
    expect(said, 'the answer holds the whole reason').not.toMatch(/…$/)
  })

  // biome-ignore format: a table is read by its columns
  test.each([
    ['GBK', Buffer.concat([Buffer.from('<xml><a>'), Buffer.from([0xd6, 0xd0, 0xce, 0xc4]), Buffer.from('</a></xml>')])],
    ['a declared GBK', Buffer.from('<?xml version="1.0" encoding="GBK"?><xml><a>1</a></xml>')],
    ['a declared UTF-16', Buffer.from("<?xml version='1.0' encoding='UTF-16'?><xml><a>1</a></xml>")],
    ['UTF-16', Buffer.from('\uFEFF<xml><a>1</a></xml>', 'utf16le')],
    ['UTF-7 by its declaration', Buffer.from('<?xml encoding="UTF-7"?><xml><a>+ADw-</a></xml>')],
    ['half a character', Buffer.from([0x3c, 0x78, 0xe4, 0xb8])],
    ['overlong NUL', Buffer.from([0x3c, 0xc0, 0x80])],
    ['a surrogate in UTF-8', Buffer.from([0xed, 0xa0, 0xbc])],
  ])('%s, as not UTF-8', (_what, bytes) => {
    expect(refusedAs(bytes)).toBe('not-utf8')
  })

  test('the reasons of a refusal never repeat what was sent', () => {
    const found = read(`<!DOCTYPE x SYSTEM "${secret}"><xml/>`)
    expect('refused' in found && `${found.text.zh}${found.text.en}`).not.toContain(secret)
  })
})

/** Worst cases of every scan, as long as they may be. */
// biome-ignore format: a table is read by its columns
test.each([
  ['CDATA that never ends, again and again', '<![CDATA['],
  ['tags that never end', '<a '],
  ['tags of blanks', '<a          '],
  ['ampersands', '&'],
  ['numeric references that never end', '&#1'],
  ['encodings', ' encoding="x"'],
  ['ends of CDATA', ']]>'],
  ['open elements', '<a>'],
  ['elements', '<a>1</a>'],
  ['slashes', '</'],
])('64 KiB of %s take no time', (_what, piece) => {
  for (const head of ['', '<xml>', '<?xml ', '<xml><a>', '<xml><a><![CDATA[']) {
    const document = Buffer.from((head + piece.repeat(maxXmlBytes / piece.length)).slice(0, maxXmlBytes))
    const before = performance.now()
    expect(refusedAs(document)).toBe('malformed')
    expect(performance.now() - before, `begun with ${head}`).toBeLessThan(500)
  }
})

const name = fc
  .stringMatching(/^[A-Za-z_]\w{0,63}$/)
  .filter((found) => !['__proto__', 'constructor', 'prototype'].includes(found))
const character = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  fc.constantFrom('<', '>', '&', ']]>', '<![CDATA[', '\r', '\n', '\t', ' ', '&amp;', '"', "'", '中', '🍵'),
)
const value = fc
  .array(character, { maxLength: 40 })
  .map((pieces) => pieces.join(''))
  .filter((text) => !/[^\P{Cc}\t\n\r]|\p{Cs}|[\uFFFE\uFFFF]/u.test(text))

describe('properties', () => {
  test('what is written is read back, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.oneof(value, fc.nat()), { maxKeys: 20, noNullPrototype: true }),
        (fields) => {
          const texts = Object.fromEntries(Object.entries(fields).map(([key, was]) => [key, String(was)]))
          expect(fieldsIn(writeXml(fields))).toEqual(texts)
        },
      ),
    )
  })

  test('arbitrary bytes are refused or read, never thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(['not-utf8', 'malformed']).toContain(refusedAs(bytes))
      }),
    )
  })

  test('pieces of markup in any order are refused or read, and what is read is written and read the same', () => {
    const piece = fc.constantFrom(
      '<xml>',
      '</xml>',
      '<xml/>',
      '<a>',
      '</a>',
      '<b>',
      '</b>',
      '<a/>',
      '1',
      ' ',
      '\r\n',
      '<![CDATA[',
      ']]>',
      '&amp;',
      '&',
      ';',
      '&#65;',
      '<!',
      '<?xml version="1.0"?>',
      '<?',
      '?>',
      '-->',
      '<!--',
      '/',
      '<',
      '>',
      '"',
      '=',
      '中',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const found = read(pieces.join(''))
        if ('refused' in found) return
        const fields = Object.fromEntries(found.fields)
        expect(fieldsIn(writeXml(fields))).toEqual(fields)
      }),
      { numRuns: 2000 },
    )
  })

  test('a document cut anywhere is refused', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1, maxKeys: 5 }), fc.nat(), (fields, cut) => {
        const whole = writeXml(fields)
        expect(refusedAs(whole.slice(0, cut % whole.length))).toBe('malformed')
      }),
    )
  })
})

test('it is written as real replies are: CDATA for texts, bare integers, an element a line', () => {
  expect(writeXml({ return_code: 'SUCCESS', sub_mch_id: '', total_fee: 1 })).toBe(
    `<xml><return_code><![CDATA[SUCCESS]]></return_code>
<sub_mch_id><![CDATA[]]></sub_mch_id>
<total_fee>1</total_fee>
</xml>`,
  )
})
