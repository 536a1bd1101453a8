/** Payment code that has WeChat's addresses written in, unchanged, against the whole program: server and `run`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { demoEnvironment, demoSubMchId } from '../../src/app/demo-environment.ts'
import { readXml, writeXml } from '../../src/protocol/v2/xml.ts'
import { programsIn } from '../support/led-program.ts'
import { orderRequest } from '../support/sandbox.ts'
import { type ServerProcess, startProcess } from '../support/server-process.ts'
import { payerOpenid, signedFields, v2Order } from '../support/v2-client.ts'

const folder = mkdtempSync(join(tmpdir(), 'cloudpay-written-'))
const programs = programsIn(folder)
let server: ServerProcess
beforeAll(async () => {
  await ensureBuilt()
  server = await startProcess(join(folder, 'data'))
})
afterAll(async () => {
  await server.stop('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a shop's code to its end. @returns the line that it printed */
async function said(text: string): Promise<string> {
  const { code, out, err } = await programs.run(text, server.url)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}

test('a container that calls http://api.weixin.qq.com/_/pay/ orders here', async () => {
  const order = { ...orderRequest('WRITTEN-0001'), openid: payerOpenid }
  const answer = await said(`
    const headers = { 'content-type': 'application/json' }
    print(await post('http://api.weixin.qq.com/_/pay/unifiedorder', { headers }, ${JSON.stringify(JSON.stringify(order))}))`)
  expect(JSON.parse(answer)).toMatchObject({
    errcode: 0,
    respdata: { result_code: 'SUCCESS', prepay_id: expect.stringMatching(/^wx/) },
  })
})

test('a v2 client that calls https://api.mch.weixin.qq.com/pay/ orders here', async () => {
  const { provider, subAppid } = demoEnvironment
  const merchant = { appid: subAppid, mchId: demoSubMchId, apiKey: provider.apiKey }
  const order = writeXml(signedFields(merchant, v2Order('WRITTEN-0002')))
  const answer = await said(
    `print(await post('https://api.mch.weixin.qq.com/pay/unifiedorder', {}, ${JSON.stringify(order)}))`,
  )
  const read = readXml(Buffer.from(answer.trimEnd()))
  expect('fields' in read && Object.fromEntries(read.fields)).toMatchObject({
    return_code: 'SUCCESS',
    result_code: 'SUCCESS',
    prepay_id: expect.stringMatching(/^wx/),
  })
})
