#!/usr/bin/env node
/**
 * `npx opencloudpay`: the same command line under the package's name, for whoever has nothing installed yet. With nothing
 * but flags of the server it starts the server, which is what such a person wants to see; `cloudpay` alone shows help.
 */
import { startsServer } from './starts-server.ts'

if (startsServer(process.argv.slice(2))) process.argv.splice(2, 0, 'start')
await import('./main.ts')
