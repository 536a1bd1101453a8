/**
 * The XML of v2: one flat `<xml>` of texts. Owns its limits, reading and writing; never what a field means.
 * Source: v2-wire, XML format and "what the parser must refuse". The notice of July 2018 (external entities read the
 * merchant's key) is why everything that is not a plain element is refused before a parser sees it.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { type Refused, refuse } from '../cloud-function/refusal.ts'
import { holdsForbidden } from './xml-text.ts'

/** Largest document, in bytes: the biggest legal request is about 20 kB. */
export const maxXmlBytes = 64 * 1024
/** Most elements, `<xml>` itself not counted. */
export const maxFields = 200

/** `not-utf8`: the encoding, or one that is declared. `malformed`: everything else. */
export type XmlReason = 'not-utf8' | 'malformed'

/** Name to value, in the order of the document. Values are decoded and otherwise as they came. */
export type XmlFields = ReadonlyMap<string, string>

/** Short: both languages share the 128 characters of an answer. */
const malformed = (zh: string, en: string) => refuse('malformed', { zh, en })

const tooLarge = malformed(`超过 ${maxXmlBytes} 字节`, `longer than ${maxXmlBytes} bytes`)
const forbiddenCharacter = malformed('含有控制字符或非法字符', 'a control or illegal character')
const notAnElement = malformed(
  '不得有 DOCTYPE、实体、注释、处理指令、属性',
  'no DOCTYPE, entity, comment, PI or attribute',
)
const badReference = malformed(
  '& 须转义，只接受预定义引用与数字引用',
  'escape &; predefined and numeric references only',
)
const badName = malformed(
  '元素名须为 1–64 个字母、数字或下划线，非保留名',
  'names have 1-64 letters, digits or _, none reserved',
)
const tooMany = malformed(`元素超过 ${maxFields} 个`, `more than ${maxFields} elements`)
const unbalanced = malformed('标签不配对或未结束', 'tags do not pair, or it is cut off')
const notFlat = malformed('须为一个 <xml>，其下每个元素只含文本', 'one <xml> of elements that hold text only')
const duplicate = malformed('元素重复', 'an element stands twice')

const reserved: readonly string[] = ['__proto__', 'constructor', 'prototype']

/** Only at the very start; the group holds version and encoding. */
const declaration = /^<\?xml(\s[^<>?]{0,200})\?>/
const encoding = /\sencoding\s*=\s*["']([^"']*)["']/
const notUtf8 = refuse('not-utf8', { zh: '须为 UTF-8', en: 'UTF-8 is needed' })

function decode(bytes: Uint8Array): { text: string } | Refused<XmlReason> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return notUtf8
  }
  if (holdsForbidden(text)) return forbiddenCharacter
  const declared = declaration.exec(text)
  if (declared === null) return { text }
  const named = encoding.exec(declared[1] ?? '')?.[1]
  if (named !== undefined && !/^utf-?8$/i.test(named)) return notUtf8
  return { text: text.slice(declared[0].length) }
}

/** Stands where a character was taken out; no text may hold it, so it matches nothing else. */
const mark = '\u0001'

/** The document with a mark for each CDATA section, in which anything may stand. `undefined`: one never ends. */
function withoutCdata(text: string): string | undefined {
  const [first = '', ...opened] = text.split('<![CDATA[')
  let markup = first
  for (let section = 0; section < opened.length; section++) {
    // `<![CDATA[` inside a section is text: the section goes on to its end.
    const after = opened[section] ?? ''
    const end = after.indexOf(']]>')
    if (end < 0) {
      if (section === opened.length - 1) return undefined
      continue
    }
    markup += mark + after.slice(end + 3)
  }
  return markup
}

const tag = /<[^<>]*>?/g
const plainTag = /^<\/?([^\s/<>]+)\s*\/?>$/
const reference = /&(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});/g

/** Refuses all that is no plain element, before a parser could act on it. */
function screen(text: string): Refused<XmlReason> | undefined {
  const markup = withoutCdata(text)
  if (markup === undefined) return unbalanced
  let elements = 0
  for (const [found] of markup.matchAll(tag)) {
    if (found.startsWith('<!') || found.startsWith('<?')) return notAnElement
    const name = plainTag.exec(found)?.[1]
    if (name === undefined) return found.endsWith('>') ? notAnElement : unbalanced
    if (name.includes(':') || name.includes('=')) return notAnElement
    if (!/^\w{1,64}$/.test(name) || reserved.includes(name)) return badName
    if (!found.startsWith('</') && ++elements > maxFields + 1) return tooMany
  }
  return markup.replace(reference, '').includes('&') ? badReference : undefined
}

const parser = new XMLParser({
  // One object an element, in order: nothing is merged, so duplicates and stray text are seen.
  preserveOrder: true,
  cdataPropName: '#cdata',
  ignoreAttributes: false,
  parseTagValue: false,
  processEntities: false,
  trimValues: false,
  onDangerousProperty: (name: string) => name,
})

type Node = Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null

/** The nodes of an element: its own name, and what it holds. */
function only(node: unknown): { name: string; held: readonly unknown[] | string } | undefined {
  if (!isNode(node)) return undefined
  const [entry, ...more] = Object.entries(node)
  if (entry === undefined || more.length > 0) return undefined
  const [name, held] = entry
  if (typeof held === 'string') return { name, held }
  return Array.isArray(held) ? { name, held } : undefined
}

const predefined: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** @returns undefined for a reference to no character */
function decodeReferences(text: string): string | undefined {
  let wrong = false
  const decoded = text.replace(reference, (whole) => {
    const name = whole.slice(1, -1)
    if (!name.startsWith('#')) return predefined[name] ?? whole
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    const character = code <= 0x10ffff ? String.fromCodePoint(code) : '\0'
    wrong ||= holdsForbidden(character)
    return character
  })
  return wrong ? undefined : decoded
}

/** The value of an element that holds text and CDATA only. */
function textOf(held: readonly unknown[]): string | Refused<XmlReason> {
  let value = ''
  for (const piece of held) {
    const node = only(piece)
    const text = node?.name === '#cdata' ? only(node.held[0] ?? { '#text': '' })?.held : node?.held
    if (typeof text !== 'string') return notFlat
    const decoded = node?.name === '#cdata' ? text : decodeReferences(text)
    if (decoded === undefined) return forbiddenCharacter
    value += decoded
  }
  return value.replaceAll(mark, '\r')
}

/** What may stand between elements. */
const isBlank = (text: string) => text.replaceAll(mark, '').trim() === ''

function fieldsOf(root: readonly unknown[]): XmlFields | Refused<XmlReason> {
  const fields = new Map<string, string>()
  for (const child of root) {
    const node = only(child)
    if (node === undefined || node.name === '#cdata') return notFlat
    const { name, held } = node
    if (typeof held === 'string') {
      if (!isBlank(held)) return notFlat
      continue
    }
    if (fields.has(name)) return duplicate
    const value = textOf(held)
    if (typeof value !== 'string') return value
    fields.set(name, value)
  }
  return fields
}

/**
 * Reads a request, an answer or a notification of v2. Never throws, and takes time in proportion to what it reads.
 * Every value is text, untrimmed; empty elements are there with the empty text.
 */
export function readXml(bytes: Uint8Array): { readonly fields: XmlFields } | Refused<XmlReason> {
  if (bytes.length > maxXmlBytes) return tooLarge
  const decoded = decode(bytes)
  if ('refused' in decoded) return decoded
  const screened = screen(decoded.text)
  if (screened !== undefined) return screened
  try {
    // The parser alone takes `<a>1</xml>` for an element.
    if (XMLValidator.validate(decoded.text) !== true) return unbalanced
    // The parser would turn CR into LF, which breaks signatures.
    const document: unknown = parser.parse(decoded.text.replaceAll('\r', mark))
    const roots = Array.isArray(document) ? document.map(only) : []
    const [root] = roots.filter((node) => typeof node?.held !== 'string')
    const stray = roots.some(
      (node) => node !== root && !(typeof node?.held === 'string' && isBlank(node.held)),
    )
    if (stray || root?.name !== 'xml' || typeof root.held === 'string') return notFlat
    const fields = fieldsOf(root.held)
    return 'refused' in fields ? fields : { fields }
  } catch {
    return unbalanced
  }
}

/** A text as real replies write it. CR would not survive a parser's line ends in CDATA: such a text is escaped. */
const written = (value: string) =>
  value.includes('\r')
    ? value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;')
    : `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`

const elements = (fields: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(fields).map(
    ([name, value]) => `<${name}>${typeof value === 'number' ? value : written(value)}</${name}>`,
  )

/** As real replies look: texts in CDATA, integers bare, one element a line. */
export const writeXml = (fields: Readonly<Record<string, string | number>>): string =>
  `<xml>${elements(fields).join('\n')}\n</xml>`

/** What is inside a refund notice: its root has another name, and all values are texts. */
export const writeRoot = (fields: Readonly<Record<string, string>>): string =>
  ['<root>', ...elements(fields), '</root>'].join('\n')
