/** Programs that have WeChat's names written in, and how the built `cloudpay run` starts them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ended, type Launched, launch } from './command.ts'
import { bodyOf, connectionCounter, type ListeningServer, listeningServer } from './listening-server.ts'

/** Answers what it heard: method, Host and path, bytes, and by which of its connections; `/echo` the body. */
export async function hearingServer(): Promise<ListeningServer> {
  const connectionOf = connectionCounter()
  return listeningServer(async (request, response) => {
    const { method, headers, url } = request
    const body = await bodyOf(request)
    const heard = `${method} ${headers.host}${url} ${body.length} #${connectionOf(request)}`
    response.end(url === '/echo' ? body : heard)
  })
}

/** What it answers to {@link both}, connections left out. */
export const plain = 'POST api.weixin.qq.com/_/pay/unifiedorder 3'
export const secure = 'POST api.mch.weixin.qq.com/pay/unifiedorder 3'

/** A script in the language of any Node: `post` gives the answer, or the error's code; `print` says a line. */
export const scriptOf = (text: string) => `
const print = console.log
const post = (url, options, body) =>
  new Promise((resolve) => {
    const request = require(url.split(':')[0]).request(url, { method: 'POST', ...options }, (answer) => {
      let text = ''
      answer.on('data', (bytes) => { text += bytes }).on('end', () => resolve(text))
    })
    request.on('error', ({ code, message }) => resolve(code || message))
    request.end(body || 'tea')
  });
(async () => {
  ${text}
})()
`

export const both = `
  print(await post('http://api.weixin.qq.com/_/pay/unifiedorder'))
  print(await post('https://api.mch.weixin.qq.com/pay/unifiedorder'))`

export interface Manner {
  readonly variables?: Record<string, string>
  /** Another copy of `cloudpay`. */
  readonly main?: string
  /** Flags of `run`. */
  readonly flags?: readonly string[]
}

export interface Programs {
  /** @returns the path of a file in their folder */
  file(name: string, text: string): string
  launch(command: readonly string[], url: string, manner?: Manner): Launched
  /** Runs the text of {@link scriptOf} to its end. */
  run(text: string, url: string, manner?: Manner): Promise<Ended>
}

export function programsIn(folder: string): Programs {
  const file: Programs['file'] = (name, text) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const start: Programs['launch'] = (command, url, { flags = [], ...how } = {}) =>
    launch(['run', '--url', url, ...flags, '--', ...command], { cwd: folder, ...how })
  return {
    file,
    launch: start,
    run: (text, url, manner) =>
      start([process.execPath, file('program.cjs', scriptOf(text))], url, manner).done,
  }
}

/** A line for each answer; by which connection it came is left out. Fails the test when anything was complained of. */
export function answersOf({ out, err }: Ended): string[] {
  if (err !== '') throw new Error(err)
  return out
    .trim()
    .replaceAll(/ #\d+$/gm, '')
    .split('\n')
}
