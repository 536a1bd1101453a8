/**
 * The shop's books: rows that are written once and never changed. Whoever inserts a row first has won, as with a unique
 * key of a database, which is what a real shop has in its place.
 */
import { existsSync } from 'node:fs'
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = process.env.SHOP_DATA ?? fileURLToPath(new URL('data/', import.meta.url))
/** While this file is there, the books cannot be used: `purchase.mjs` shows what callbacks do then. */
const away = join(folder, 'away')

const fileOf = (table, key) => join(folder, `${table} ${encodeURIComponent(key)}.json`)

async function open() {
  await mkdir(folder, { recursive: true })
  if (existsSync(away)) throw new Error('the books are away')
}

/** @returns whether the row is new: of two at once, one hears true */
export async function insert(table, key, row) {
  await open()
  const draft = join(folder, `${process.pid} ${Math.random()}.draft`)
  await writeFile(draft, JSON.stringify(row))
  try {
    // All of the row appears at once, or none of it; where there is one already, this fails.
    await link(draft, fileOf(table, key))
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft)
  }
}

/** @returns the row; undefined where there is none */
export async function find(table, key) {
  await open()
  try {
    return JSON.parse(await readFile(fileOf(table, key), 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** @returns how many rows have a key that is wanted */
export async function count(table, isWanted) {
  await open()
  const beginning = `${table} `
  const keys = (await readdir(folder))
    .filter((name) => name.startsWith(beginning) && name.endsWith('.json'))
    .map((name) => decodeURIComponent(name.slice(beginning.length, -'.json'.length)))
  return keys.filter(isWanted).length
}

/** The books are away, or are back. */
export const setAway = async (isAway) => {
  await mkdir(folder, { recursive: true })
  if (isAway) await writeFile(away, '')
  else await rm(away, { force: true })
}
