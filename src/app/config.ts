/**
 * How this run was set up: flags, variables and the configuration file become one checked value.
 * Owns the rules between settings; reads nothing but that file, and never the process's own variables.
 */
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { type EnvironmentSetting, environmentSettingSchema } from '../ledger/environments.ts'
import { maxParts } from '../ledger/parts.ts'
import { profiles } from '../protocol/rule-profiles.ts'
import type { Text } from '../protocol/text.ts'
import { demoEnvironment } from './demo-environment.ts'
import { parseEnvironmentFile } from './environment-file.ts'
import { refuseOpenDoors } from './exposure.ts'
import { brokenSetting, channelNotThere, configUnreadable, demoSettingBesideFile } from './refusals.ts'
import {
  adminTokenVariable,
  databaseVariable,
  defaults,
  type Flags,
  type LogForm,
  type LogLevel,
  logForms,
  logLevels,
  type SettingName,
  settings,
  shortestAdminToken,
} from './settings.ts'

export interface Config {
  readonly host: string
  /** 0: the system chooses. */
  readonly port: number
  /** PostgreSQL; left out: the embedded database in `dataFolder`. Holds a password. */
  readonly databaseUrl?: string
  /** Absolute. */
  readonly dataFolder: string
  /** Where browsers and phones reach the server, without a slash at the end; left out: where it listens. */
  readonly publicUrl?: string
  /** Left out: 1 for a new ledger, or as many as it has. */
  readonly parts?: number
  readonly adminToken?: string
  /** Lower case, beyond those that the server accepts by itself. */
  readonly allowedHosts: readonly string[]
  readonly logLevel: LogLevel
  /** Left out: as whoever reads it needs it. */
  readonly logForm?: LogForm
  readonly environments: readonly EnvironmentSetting[]
  /** The demo environment serves, and nothing else. */
  readonly demo: boolean
}

type Variables = Readonly<Record<string, string | undefined>>

/** Where relative paths start, and how a file is read. */
export interface Place {
  readonly folder: string
  readonly readFile: (path: string) => string
}

/** A value and the name that the user gave it under, for the text that refuses it. */
interface Given {
  readonly name: string
  readonly value: string
}

type Read = (setting: SettingName) => Given | undefined

const here = (): Place => ({ folder: process.cwd(), readFile: (path) => readFileSync(path, 'utf8') })

/** The flag wins over the variable; an empty variable counts as not set, an empty flag is a mistake. */
const reader =
  (flags: Flags, variables: Variables): Read =>
  (setting) => {
    const { flag, variable } = settings[setting]
    const said = flags[setting]?.trim()
    if (said === '') throw brokenSetting(flag, '', { zh: '不能为空', en: 'it needs a value' })
    if (said !== undefined) return { name: flag, value: said }
    const value = variables[variable]?.trim()
    return value === undefined || value === '' ? undefined : { name: variable, value }
  }

const oneOf = (words: readonly string[]): Text => ({
  zh: `只能是 ${words.join('、')} 之一`,
  en: `it must be one of ${words.join(', ')}`,
})

function readWord<Word extends string>(given: Given | undefined, words: readonly Word[]): Word | undefined {
  if (given === undefined) return undefined
  const word = words.find((known) => known === given.value)
  if (word === undefined) throw brokenSetting(given.name, given.value, oneOf(words))
  return word
}

function readPort(given: Given | undefined): number {
  if (given === undefined) return defaults.port
  if (/^\d{1,5}$/.test(given.value) && Number(given.value) <= 65_535) return Number(given.value)
  throw brokenSetting(given.name, given.value, {
    zh: '端口应为 0 到 65535 的整数，0 表示由系统分配',
    en: 'a port is a whole number from 0 to 65535, and 0 lets the system choose',
  })
}

/** A name or an address without port; brackets around IPv6 are taken off. */
function hostName(text: string): string | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return isIP(bare) !== 0 || /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(bare) ? bare : undefined
}

function readHost(given: Given | undefined): string {
  if (given === undefined) return defaults.host
  const host = hostName(given.value)
  if (host !== undefined) return host
  throw brokenSetting(given.name, given.value, {
    zh: '应为 IP 地址或主机名，不带协议和端口，例如 127.0.0.1',
    en: 'it must be an IP address or a host name, without protocol and port, such as 127.0.0.1',
  })
}

function readAllowedHosts(given: Given | undefined): string[] {
  if (given === undefined) return []
  const names = given.value.split(',').map((name) => name.trim())
  return names
    .filter((name) => name !== '')
    .map((name) => {
      const host = hostName(name)
      if (host !== undefined) return host
      throw brokenSetting(given.name, name, {
        zh: '应为用逗号分隔的主机名，不带协议、端口和通配符，例如 pay.example.com,gateway',
        en: 'it must be host names separated by commas, without protocol, port or wildcard, such as pay.example.com,gateway',
      })
    })
}

function readPublicUrl(given: Given | undefined): string | undefined {
  if (given === undefined) return undefined
  const url = URL.canParse(given.value) ? new URL(given.value) : undefined
  const bare =
    url !== undefined &&
    url.pathname === '/' &&
    url.search === '' &&
    url.username === '' &&
    url.password === ''
  if (bare && /^https?:$/.test(url.protocol)) return url.origin
  throw brokenSetting(given.name, given.value, {
    zh: '应为不带路径的 http(s) 地址，例如 http://192.168.1.5:8688',
    en: 'it must be an http(s) address without a path, such as http://192.168.1.5:8688',
  })
}

function readParts(given: Given | undefined): number | undefined {
  if (given === undefined) return undefined
  const parts = /^\d{1,4}$/.test(given.value) ? Number(given.value) : 0
  if (parts >= 1 && parts <= maxParts) return parts
  throw brokenSetting(given.name, given.value, {
    zh: `应为 1 到 ${maxParts} 的整数`,
    en: `it must be a whole number from 1 to ${maxParts}`,
  })
}

/** Never shown: it holds a password. */
function readDatabaseUrl(variables: Variables): string | undefined {
  const url = variables[databaseVariable]?.trim()
  if (url === undefined || url === '') return undefined
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return url
  throw brokenSetting(databaseVariable, undefined, {
    zh: '应为 PostgreSQL 的连接地址，形如 postgres://用户:密码@主机:5432/数据库；不设置则使用内嵌数据库',
    en: 'it must be the address of a PostgreSQL, as postgres://user:password@host:5432/database; without it the embedded database serves',
  })
}

/** Travels in a header, so printable ASCII; never shown. */
function readAdminToken(variables: Variables): string | undefined {
  const token = variables[adminTokenVariable]?.trim()
  if (token === undefined || token === '') return undefined
  if (/^[\x21-\x7e]+$/.test(token) && token.length >= shortestAdminToken) return token
  throw brokenSetting(adminTokenVariable, undefined, {
    zh: `令牌至少 ${shortestAdminToken} 个字符，只能用不含空格的可见 ASCII 字符，可用 openssl rand -hex 16 生成`,
    en: `a token has at least ${shortestAdminToken} characters, visible ASCII without blanks; openssl rand -hex 16 makes one`,
  })
}

function readEnvironments(read: Read, place: Place): Pick<Config, 'environments' | 'demo'> {
  const file = read('config')
  const profile = read('profile')
  const language = read('language')
  if (file === undefined) {
    const demo = environmentSettingSchema.parse({
      ...demoEnvironment,
      profile: readWord(profile, profiles),
      language: readWord(language, ['zh', 'en']),
    })
    return { environments: [demo], demo: true }
  }
  const path = resolve(place.folder, file.value)
  const besides = profile ?? language
  if (besides !== undefined) throw demoSettingBesideFile(besides.name, path)
  return { environments: parseEnvironmentFile(path, readText(path, place)), demo: false }
}

function readText(path: string, place: Place): string {
  try {
    return place.readFile(path)
  } catch (error) {
    throw configUnreadable(path, error)
  }
}

/**
 * @param variables of the process: `process.env`
 * @throws StartRefused for the first setting that is not right
 */
export function readConfig(flags: Flags, variables: Variables, place: Place = here()): Config {
  const read = reader(flags, variables)
  const host = readHost(read('host'))
  const port = readPort(read('port'))
  const logLevel = readWord(read('logLevel'), logLevels) ?? defaults.logLevel
  const logForm = readWord(read('log'), logForms)
  const allowedHosts = readAllowedHosts(read('allowHost'))
  const dataFolder = resolve(place.folder, read('data')?.value ?? defaults.data)
  const databaseUrl = readDatabaseUrl(variables)
  const parts = readParts(read('parts'))
  const publicUrl = readPublicUrl(read('publicUrl'))
  const adminToken = readAdminToken(variables)
  const { environments, demo } = readEnvironments(read, place)
  refuseOpenDoors(host, adminToken, environments)
  const real = environments.find(({ channel }) => channel !== 'sandbox')
  if (real !== undefined) throw channelNotThere(real.envId)
  return {
    host,
    port,
    dataFolder,
    ...(adminToken === undefined ? {} : { adminToken }),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(parts === undefined ? {} : { parts }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    allowedHosts,
    logLevel,
    ...(logForm === undefined ? {} : { logForm }),
    environments,
    demo,
  }
}
