/**
 * Callers of `POST /admin`: as many as asked, each sending its next call when it has heard the last. Signs and speaks
 * as the official SDK does, on connections that are kept; owns what one stretch of calls measures.
 */
import { Agent, request } from 'node:http'
import { demoEnvironment } from '../src/app/demo-environment.ts'
import { prepare, sdkParts } from '../test/support/admin-client.ts'
import type { ServerUnderTest } from './server-under-test.ts'
import { quantile, sorted } from './statistics.ts'

export interface Call {
  readonly method: 'unifiedOrder' | 'queryOrder' | 'closeOrder'
  /** What `requestData` holds. */
  readonly body: object
}

/** What a stretch of calls came to. Times in milliseconds; CPU is per call, NaN where the system does not tell. */
export interface Measured {
  readonly callsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly clientCpu: number
  readonly serverCpu: number
  /** What went wrong, a text for each such call. */
  readonly faults: readonly string[]
}

/** The SDK's own limit. */
const callTimeoutMs = 15_000

const agent = new Agent({ keepAlive: true })

/** @throws when there is no answer, or it is not a success in all layers */
function carryOut(url: string, { method, body }: Call): Promise<void> {
  const prepared = prepare(url, demoEnvironment, sdkParts(method, JSON.stringify(body)))
  return new Promise((resolve, reject) => {
    const sent = request(
      prepared.url,
      { agent, method: 'POST', headers: prepared.headers, timeout: callTimeoutMs },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const answer: unknown = JSON.parse(text)
          const succeeded =
            typeof answer === 'object' && answer !== null && Reflect.get(answer, 'result_code') === 'SUCCESS'
          if (succeeded) resolve()
          else reject(new Error(text.slice(0, 200)))
        })
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${callTimeoutMs} ms`)))
    sent.on('error', reject)
    // In two pieces, so that it goes out chunked, as the SDK's body does.
    sent.write(prepared.body)
    sent.end()
  })
}

/**
 * @param callers at the same time
 * @param calls what they take from, in turn, until nothing is left
 */
export async function measure(
  server: ServerUnderTest,
  callers: number,
  calls: readonly Call[],
): Promise<Measured> {
  const latencies: number[] = []
  const faults: string[] = []
  const queue = calls.values()
  const caller = async () => {
    for (const call of queue) {
      const begun = performance.now()
      try {
        await carryOut(server.url, call)
        latencies.push(performance.now() - begun)
      } catch (error) {
        faults.push(error instanceof Error ? error.message : String(error))
      }
    }
  }
  const server0 = server.usage()
  const client0 = process.cpuUsage()
  const begun = performance.now()
  await Promise.all(Array.from({ length: callers }, caller))
  const elapsedMs = performance.now() - begun
  const client = process.cpuUsage(client0)
  const server1 = server.usage()
  const ascending = sorted(latencies)
  const serverCpuMs = server0 && server1 ? server1.cpuMs - server0.cpuMs : Number.NaN
  return {
    callsPerSecond: (latencies.length / elapsedMs) * 1000,
    p50: quantile(ascending, 0.5),
    p99: quantile(ascending, 0.99),
    clientCpu: (client.user + client.system) / 1000 / calls.length,
    serverCpu: serverCpuMs / calls.length,
    faults,
  }
}
