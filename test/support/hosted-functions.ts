/**
 * A host of cloud functions in this process, each function in a process of its own, in a folder that the test writes:
 * called over HTTP as the server calls it, its lines kept.
 */
import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from '../../scripts/build.mjs'
import { startHost } from '../../src/functions/host.ts'
import { type HostLimits, hostLimits } from '../../src/functions/limits.ts'
import { openScreen } from '../../src/functions/screen.ts'
import { type Invocation, type Invoked, invokedSchema } from '../../src/protocol/function-host.ts'
import { cleanEnvironment } from './server-process.ts'

const inRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Path, from the folder of all functions, and what stands in that file. */
export type Files = Readonly<Record<string, string>>

export const user = { appid: 'wx8888888888888888', openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' }

/** What a process said, to be waited for. */
export function listener() {
  const heard = new EventEmitter()
  let text = ''
  return {
    stream: new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk)
        heard.emit('more')
        done()
      },
    }),
    text: () => text,
    /** @returns once these words were said, as often as that */
    async said(words: string, times = 1): Promise<void> {
      while (text.split(words).length <= times) await once(heard, 'more')
    },
  }
}

/** A new folder, with `cloudfunctions` in it. */
export function functionsFolder(files: Files) {
  const above = mkdtempSync(join(tmpdir(), 'cloudpay-functions-'))
  const folder = join(above, 'cloudfunctions')
  mkdirSync(folder)
  const write = (more: Files) => {
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
  }
  write(files)
  return {
    folder,
    write,
    remove: (path: string) => rmSync(join(folder, path), { recursive: true }),
    /** The real SDK, all versions of it, in that function's folder, as npm leaves it there. */
    installSdk(name: string) {
      const packages = join(folder, name, 'node_modules')
      mkdirSync(packages)
      const installed = ['wx-server-sdk', 'wx-server-sdk-2', 'wx-server-sdk-3', '@cloudbase']
      for (const one of installed) symlinkSync(inRoot(`test/node_modules/${one}`), join(packages, one))
      writeFileSync(join(packages, '.package-lock.json'), '{}')
    },
    dispose: () => rmSync(above, { recursive: true, force: true }),
  }
}

export type FunctionsFolder = ReturnType<typeof functionsFolder>

/** One call of a host, as the server makes it. */
export async function invokeAt(
  { url, token }: { url: string; token: string },
  function_name: string,
  event: Record<string, unknown>,
  caller: Partial<Invocation['caller']> = {},
): Promise<Invoked> {
  const response = await fetch(`${url}/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      function_name,
      event,
      caller: { source: 'wx_client', env_id: 'prod-1a2b', ...user, ...caller },
    }),
  })
  if (response.status !== 200) throw new Error(`HTTP ${response.status}: ${await response.text()}`)
  return invokedSchema.parse(await response.json())
}

interface SetUp {
  /** Functions that have it installed. */
  readonly withSdk?: readonly string[]
  readonly limits?: Partial<HostLimits>
  /** Of the server that the functions' SDK calls. */
  readonly origin?: string
  readonly defaultTimeout?: number
  readonly variables?: Readonly<Record<string, string>>
  /** What else is to be in the folder before it is looked at. */
  readonly arrange?: (folder: string) => void
}

export async function openHost(files: Files, setUp: SetUp = {}) {
  await ensureBuilt()
  const place = functionsFolder(files)
  const { withSdk = [], limits, origin = 'http://127.0.0.1:9', defaultTimeout = 20, variables } = setUp
  for (const name of withSdk) place.installSdk(name)
  setUp.arrange?.(place.folder)
  const token = randomUUID()
  const lines = listener()
  const names: (readonly string[])[] = []
  const host = await startHost({
    folder: place.folder,
    target: { origin, secretId: 'AKIDsandbox', secretKey: 'sandbox-secret-key', envName: 'at-load' },
    variables: { ...cleanEnvironment(), ...variables },
    defaultTimeout,
    limits: { ...hostLimits, settleMs: 20, ...limits },
    runner: inRoot('dist/functions/runner.js'),
    token,
    screen: openScreen({ out: lines.stream, err: lines.stream, language: 'en', colours: false }),
    randomId: randomUUID,
    nowMs: () => performance.now(),
    namesChanged: (now) => names.push(now),
  })
  return {
    ...place,
    url: host.url,
    token,
    names: host.names,
    namesSaid: names,
    lines: lines.text,
    said: lines.said,
    invoke: (name: string, event: Record<string, unknown> = {}, caller?: Partial<Invocation['caller']>) =>
      invokeAt({ url: host.url, token }, name, event, caller),
    async close() {
      await host.close()
      place.dispose()
    },
  }
}

export type OpenHost = Awaited<ReturnType<typeof openHost>>

/** What a call must have come to. */
export function resultOf(invoked: Invoked): unknown {
  if ('failed' in invoked) throw new Error(`it failed: ${invoked.failed.why} ${invoked.failed.message}`)
  return invoked.result
}
