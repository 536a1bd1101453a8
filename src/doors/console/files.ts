/** The built console, read once: every file as it is and compressed. Owns which file is which type, and how long it may be kept. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const codings = ['br', 'gzip'] as const
type Coding = (typeof codings)[number]
const endings: Readonly<Record<Coding, string>> = { br: '.br', gzip: '.gz' }

export interface ConsoleFile {
  readonly type: string
  readonly etag: string
  readonly body: Buffer
  readonly compressed: Readonly<Partial<Record<Coding, Buffer>>>
}

function readOne(path: string): ConsoleFile {
  const body = readFileSync(path)
  const there = codings.filter((coding) => existsSync(`${path}${endings[coding]}`))
  return {
    type: types[extname(path)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    body,
    compressed: Object.fromEntries(
      there.map((coding) => [coding, readFileSync(`${path}${endings[coding]}`)]),
    ),
  }
}

/** @returns by their paths below `folder`, with `/`; none where the console was not built */
export function readFiles(folder: string): ReadonlyMap<string, ConsoleFile> {
  if (!existsSync(folder)) return new Map()
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return new Map(
    paths
      .filter((path) => extname(path) in types)
      .map((path) => [path.replaceAll('\\', '/'), readOne(join(folder, path))]),
  )
}

/** The first of ours that the caller takes; what it gives the weight 0 it does not. */
export function codingFor(file: ConsoleFile, accepts: string | undefined): Coding | undefined {
  const taken = (accepts ?? '')
    .toLowerCase()
    .split(',')
    .map((one) => one.trim().split(/\s*;\s*/))
    .filter(([, weight]) => weight === undefined || !/^q=0(\.0*)?$/.test(weight))
    .map(([name]) => name)
  return codings.find((coding) => taken.includes(coding) && file.compressed[coding] !== undefined)
}
