/**
 * Runs inside somebody else's program, before its first line (`node --require`): connections to the names of a table
 * are made to other addresses, everything else stays as it is. TLS still names, and checks, the host as written.
 * Stands alone, in the language of Node 12, because that may be what the program runs on; throws nothing into it.
 */

// biome-ignore lint/style/useNodejsImportProtocol: Node 12 does not know `node:`.
const net: typeof import('node:net') = require('net')

type Address = readonly [host: string, port: number]

const isLed = (entry: [string, unknown]): entry is [string, Address] => {
  const [, address] = entry
  return Array.isArray(address) && typeof address[0] === 'string' && typeof address[1] === 'number'
}

/** By "name:port". The variable is set in led-names.ts. */
function readTable(): ReadonlyMap<string, Address> {
  try {
    const table: Readonly<Record<string, unknown>> = JSON.parse(process.env.CLOUDPAY_LED_NAMES || '{}')
    return new Map(Object.entries(table).filter(isLed))
  } catch (_) {
    return new Map()
  }
}

const table = readTable()

/** A dot at the end means the same name. */
const addressFor = (host: unknown, port: unknown) =>
  table.get(`${String(host).toLowerCase().replace(/\.$/, '')}:${port}`)

/** A copy, for the original is not ours, and `tls` checks the certificate against the host that stands there. */
function ledOptions(options: object): object | undefined {
  const { host, port, path }: { host?: unknown; port?: unknown; path?: unknown } = options
  const address = path ? undefined : addressFor(host, port)
  return address && { ...options, host: address[0], port: address[1] }
}

/** All forms of `connect`: (options, callback), (port, host, callback), and the array that Node itself hands on. */
function led(args: readonly unknown[]): readonly unknown[] {
  const [first, second] = args
  if (typeof first !== 'object' || first === null) {
    const address = typeof second === 'string' ? addressFor(second, first) : undefined
    return address ? [{ host: address[0], port: address[1] }, args[args.length - 1]] : args
  }
  const [options, callback]: readonly unknown[] = Array.isArray(first) ? first : args
  if (typeof options !== 'object' || options === null) return args
  const instead = ledOptions(options)
  return instead ? [instead, callback] : args
}

function ledOrAsTheyAre(args: readonly unknown[]): readonly unknown[] {
  try {
    return led(args)
  } catch (_) {
    return args
  }
}

/** Below `net.connect`, `tls.connect`, `http`, `fetch` and whatever is built on them. */
const { connect } = net.Socket.prototype

if (table.size > 0) {
  Reflect.set(net.Socket.prototype, 'connect', function (this: unknown, ...args: unknown[]) {
    return Reflect.apply(connect, this, ledOrAsTheyAre(args))
  })
}
