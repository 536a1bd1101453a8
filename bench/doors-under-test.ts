/** A server on PostgreSQL with two environments, and its doors: what sections that go the whole path measure. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoEnvironment } from '../src/app/demo-environment.ts'
import type { EnvironmentSettingInput } from '../src/ledger/environments.ts'
import { subMchId } from '../test/support/sandbox.ts'
import { cloudFunctionDoor, cloudRunDoor, type DoorOn, v2Door } from './door-calls.ts'
import { httpConnections } from './http-connection.ts'
import { type LaunchOptions, launch, type ServerUnderTest } from './server-under-test.ts'
import { newStock } from './stock.ts'

/** Orders can be closed at once. Its test clock is a row, which every call reads. */
const sandbox: EnvironmentSettingInput = { ...demoEnvironment, profile: 'observed' }

const doorToken = 'token-of-the-shop'
/** As one that sells: nothing is read to learn the time. */
const shop: EnvironmentSettingInput = {
  ...sandbox,
  envId: 'shop',
  clock: 'real',
  secretId: 'AKIDshop',
  provider: { ...sandbox.provider, mchId: '1230000110' },
  merchants: [{ subMchId }],
  doorToken,
}

export interface ServerWithDoors {
  readonly server: ServerUnderTest
  /** The first is `/_/pay` of the environment that a server has by itself. */
  readonly doors: readonly [DoorOn, ...DoorOn[]]
  close(): Promise<void>
}

/** @param folder for its data, its log and its configuration */
export async function launchWithDoors(
  folder: string,
  databaseUrl: string,
  more: Pick<LaunchOptions, 'nodeFlags'> = {},
): Promise<ServerWithDoors> {
  const config = join(folder, 'environments.json')
  writeFileSync(config, JSON.stringify({ environments: [sandbox, shop] }))
  const variables = { DATABASE_URL: databaseUrl }
  const server = await launch(folder, { flags: ['--config', config], variables, ...more })
  const { url } = server
  const connections = httpConnections(url)
  const demo = { stock: newStock('DOOR'), connections }
  const identity = { ...sandbox.provider, sub: { subMchId } }
  const selling = { stock: newStock('SHOP'), connections }
  return {
    server,
    doors: [
      { door: cloudRunDoor(url), ...demo },
      { door: cloudRunDoor(url, doorToken), ...selling },
      { door: cloudFunctionDoor(url, sandbox), ...demo },
      { door: v2Door(url, identity), ...demo },
    ],
    async close() {
      connections.end()
      await server.stop()
    },
  }
}
