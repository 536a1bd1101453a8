/**
 * `cloudpay names`: for programs that `run` cannot lead, of any language. Keeps two ports of this machine open that
 * hand on to the server what comes for written-in names. Owns their life and the certificate's file.
 */
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { brokenSetting, codeOf, StartRefused } from '../app/refusals.ts'
import { authorityName, makeCertificates } from '../client/certificates.ts'
import { type Entry, openPlainEntry, openTlsEntry } from '../client/entry.ts'
import { httpPort, httpsPort, payNames } from '../client/led-names.ts'
import type { Context } from './context.ts'
import { type EntryFlag, entryRefused } from './entry-refusals.ts'
import { exitCodes } from './exit-codes.ts'
import { defaultCaFile, namesPage } from './names-page.ts'
import { stopRequested } from './stop-requested.ts'
import { readOrigin, warnIfAway } from './target.ts'

export interface NamesFlags {
  readonly url?: string | undefined
  readonly http?: string | undefined
  readonly https?: string | undefined
  readonly ca?: string | undefined
}

function readPort(flag: EntryFlag, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise
  if (/^\d{1,5}$/.test(given) && Number(given) <= 65_535) return Number(given)
  throw brokenSetting(flag, given, {
    zh: '端口应为 0 到 65535 的整数，0 表示由系统分配',
    en: 'a port is a whole number from 0 to 65535, and 0 lets the system choose',
  })
}

/** One that an earlier run left: its key is gone, nobody misses it. */
function isOurs(path: string): boolean {
  try {
    return new X509Certificate(readFileSync(path)).subject === `CN=${authorityName}`
  } catch {
    return false
  }
}

/** Never over a file of somebody else's. */
function writeCaFile(path: string, authority: string): void {
  try {
    writeFileSync(path, authority, { flag: isOurs(path) ? 'w' : 'wx' })
  } catch (cause) {
    const code = codeOf(cause)
    throw new StartRefused(
      {
        zh: `无法写入 CA 证书文件 ${path}（${code}）；已有的其他文件不会被覆盖。请用 --ca 指定另一个文件。`,
        en: `The CA certificate cannot be written to ${path} (${code}); a file of anything else is never replaced. Give another one with --ca.`,
      },
      { cause },
    )
  }
}

async function opened(entry: Promise<Entry>, flag: EntryFlag, port: number): Promise<Entry> {
  try {
    return await entry
  } catch (error) {
    throw entryRefused(error, flag, port)
  }
}

/**
 * @returns the exit code, after the stop
 * @throws StartRefused
 */
export async function names(flags: NamesFlags, context: Context): Promise<number> {
  const { variables, version, language } = context
  const origin = readOrigin(flags.url, variables)
  const plainPort = readPort('--http', flags.http, httpPort)
  const securePort = readPort('--https', flags.https, httpsPort)
  const stop = stopRequested()
  await warnIfAway(origin, { zh: '先开好端口', en: 'opening the ports meanwhile' }, context)
  const certificates = await makeCertificates(payNames, new Date())
  const plain = await opened(openPlainEntry(plainPort, origin), '--http', plainPort)
  const secure = await opened(openTlsEntry(securePort, origin, certificates), '--https', securePort)
  const file = resolve(flags.ca ?? defaultCaFile)
  writeCaFile(file, certificates.authority)
  process.stdout.write(namesPage({ version, origin, http: plain.port, https: secure.port, file }, language))
  await stop
  await Promise.all([plain.close(), secure.close()])
  return exitCodes.done
}
