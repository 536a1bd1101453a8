/** A server that is asked to stop stops, whoever still holds on to it, and whatever became of its log. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, open, readdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { demoEnvironment } from '../../src/app/demo-environment.ts'
import { callAdmin } from '../support/admin-client.ts'
import { owned } from '../support/owned-child.ts'
import { freshNumber, orderRequest } from '../support/sandbox.ts'
import { cleanEnvironment, startProcess } from '../support/server-process.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudpay-stop-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('clients that send nothing, or half a request, do not keep the server from stopping', async () => {
  const server = await startProcess(join(folder, 'data'))
  const { hostname, port } = new URL(server.url)
  const clients = ['', 'POST /admin HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nhalf'].map(
    (bytes) => {
      const client = connect(Number(port), hostname)
      client.on('error', () => {})
      if (bytes !== '') client.write(bytes)
      return client
    },
  )
  await Promise.all(clients.map((client) => once(client, 'connect')))
  // One answered call: the connections before it have been accepted.
  await callAdmin(server.url, demoEnvironment, 'queryOrder', {
    sub_mch_id: '1900000109',
    out_trade_no: 'none',
  })
  expect(await server.stop('SIGTERM')).toBe(0)
  for (const client of clients) client.destroy()
})

test('a log that cannot be written costs lines, not answers, and the server still stops', async () => {
  // Open for reading only: every write to it fails, as on a full disk.
  const unwritable = await open(fileURLToPath(import.meta.url), 'r')
  const server = await startProcess(join(folder, 'data'), {
    stderr: unwritable.fd,
    flags: ['--log-level', 'debug'],
  })
  for (let call = 0; call < 200; call++) {
    const { json } = await callAdmin(
      server.url,
      demoEnvironment,
      'unifiedOrder',
      orderRequest(freshNumber('LOG')),
    )
    expect(json.result_code).toBe('SUCCESS')
  }
  expect(await server.stop('SIGTERM')).toBe(0)
  await unwritable.close()
})

test('in a folder that everyone may enter, the database is for its owner alone', async () => {
  const data = join(folder, 'data')
  await mkdir(data)
  await chmod(data, 0o755)
  const server = await startProcess(data)
  expect((await stat(join(data, 'database'))).mode & 0o777).toBe(0o700)
  expect(await readdir(join(data, 'database'))).toContain('PG_VERSION')
  expect(await server.stop('SIGTERM')).toBe(0)
})

test('a second server does not open the database of the first under another name', async () => {
  const [data, moved] = [join(folder, 'data'), join(folder, 'moved')]
  const first = await startProcess(data)
  await rename(data, moved)
  await symlink(moved, data)
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
  const second = owned(
    spawn(process.execPath, [main, 'start', '--port', '0', '--data', moved], { env: cleanEnvironment() }),
  )
  let said = ''
  second.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code] = await once(second, 'exit')
  expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining('is in use by another process') })
  await first.stop('SIGKILL')
})
