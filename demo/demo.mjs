/**
 * `npm run demo`: the life of two orders, told with the official SDK, unmodified, against a server of one's own.
 * Starts the server, tells story.mjs on it, and leaves nothing behind; exit code 1 when an answer is not as told.
 * `npm run demo -- --lang en`: the server's own texts in English.
 */
import { constants } from 'node:os'
import { parseArgs } from 'node:util'
import { demoEnvironment } from '../dist/app/demo-environment.js'
import { sdkVariables } from '../dist/client/sdk-variables.js'
import { styled } from './layout.mjs'
import { launchServer } from './local-server.mjs'
import { pointSdkAt } from './sdk.mjs'
import { tellStory } from './story.mjs'
import { say, teller } from './teller.mjs'

/** @param {string} url */
function sayWhere(url) {
  const { secretId, secretKey } = demoEnvironment
  say(`服务器 / server: ${url}`)
  say('仅供本次演示，结束后连同数据一起删除 / for this demo only; it goes, and its data with it')
  say()
  say('设置三个变量，官方 SDK 就会连到这里，代码不用改：')
  say('Three variables bring the official SDK here, its code unchanged:')
  for (const [name, value] of Object.entries(sdkVariables(url, secretId, secretKey))) {
    say(`   ${styled('cyan', `${name}=${/["{]/.test(value) ? `'${value}'` : value}`)}`)
  }
  say()
  say('云函数照常初始化，环境 ID 写你自己的：')
  say('The cloud function begins as ever, with your own environment id:')
  say(`   ${styled('cyan', "const cloud = require('wx-server-sdk')")}`)
  say(`   ${styled('cyan', "cloud.init({ env: 'prod-1a2b' })")}`)
}

/** @returns {'zh' | 'en' | undefined} of the server's texts; undefined when it cannot be told from the arguments */
function askedLanguage() {
  try {
    const options = /** @type {const} */ ({ lang: { type: 'string' }, language: { type: 'string' } })
    const { lang, language = lang ?? 'zh' } = parseArgs({ options }).values
    return language === 'zh' || language === 'en' ? language : undefined
  } catch {
    return undefined
  }
}

/** @returns {Promise<number>} the exit code */
async function demo() {
  const language = askedLanguage()
  if (language === undefined) {
    process.stderr.write('用法 / usage: npm run demo [-- --lang zh|en]\n')
    return 1
  }
  say('启动服务器 …… / Starting a server ...')
  const server = launchServer('--language', language)
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    // The server and its folder go with this process; there is nothing in them to be saved.
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
  }
  const story = teller()
  try {
    const url = await server.address
    pointSdkAt(url)
    sayWhere(url)
    await tellStory(url, story)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    process.stderr.write(`\n${styled('red', `✗ ${text}`)}\n`)
    return 1
  } finally {
    await server.stop()
  }
  say()
  say(`全部 ${story.steps()} 步的应答均与预期一致 / all ${story.steps()} steps were as told`)
  say('自己试试 / try it yourself: npm start')
  return 0
}

// `npm run demo | head`: nobody listens any more.
process.stdout.on('error', () => process.exit(1))

const exitCode = await demo()
// The SDK keeps its connections open for a while; all is said.
process.stdout.write('', () => process.exit(exitCode))
