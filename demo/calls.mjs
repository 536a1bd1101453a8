/** The ways to speak to the server, each as one step of the story: the official SDK, the sandbox's controls, a wrong key. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sourceOf } from './layout.mjs'
import { wrongKey } from './wrong-key.mjs'

/** @typedef {import('./teller.mjs').Heard} Heard */
/** @typedef {import('./teller.mjs').Text} Text */
/** @typedef {import('./teller.mjs').Told} Told */
/** @typedef {ReturnType<typeof import('./teller.mjs').teller>} Teller */

/** What the SDK throws carries these two. @param {unknown} error @returns {Heard} */
function thrown(error) {
  if (!(error instanceof Error)) return { rejected: { errMsg: String(error) } }
  return {
    rejected: {
      errCode: Reflect.get(error, 'errCode'),
      errMsg: Reflect.get(error, 'errMsg') ?? error.message,
    },
  }
}

/** `cloud.init` counts once a process, so another key needs another one. @returns {Promise<Heard>} */
export async function heardWithWrongKey() {
  const child = fork(fileURLToPath(new URL('./wrong-key.mjs', import.meta.url)), {
    env: { ...process.env, TENCENTCLOUD_SECRETKEY: wrongKey, OPENCLOUDPAY_DEMO: 'wrong-key' },
  })
  const [heard] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (typeof heard === 'object' && heard !== null) return heard
  return thrown(`子进程没有返回结果 / the child process told nothing (${heard})`)
}

/**
 * @param {string} url
 * @param {string} path
 * @param {object} [body] POST; without it GET
 * @returns {Promise<object>}
 */
export async function control(url, path, body) {
  const response = await fetch(`${url}${path}`, {
    signal: AbortSignal.timeout(15_000),
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return /** @type {object} */ (await response.json())
}

/**
 * @param {string} url
 * @param {Teller} story
 */
export const waysToSpeak = (url, story) => ({
  /**
   * A call of the official SDK. What is shown is the source of what runs.
   * @param {Text} title
   * @param {() => Promise<object>} call
   * @param {Readonly<Record<string, Told>>} told
   * @param {Text} lesson
   */
  sdk: (title, call, told, lesson) =>
    story.step({
      title,
      code: sourceOf(call),
      run: () => call().then((answer) => ({ answer }), thrown),
      told,
      lesson,
    }),
  /**
   * A control of the sandbox.
   * @param {Text} title
   * @param {string} path
   * @param {object} body
   * @param {Readonly<Record<string, Told>>} told
   * @param {Text} lesson
   */
  sandbox: (title, path, body, told, lesson) =>
    story.step({
      title,
      code: `curl ${url}${path} \\\n  -H 'content-type: application/json' \\\n  -d '${JSON.stringify(body)}'`,
      run: () => control(url, path, body).then((answer) => ({ answer }), thrown),
      told,
      lesson,
    }),
})
