/** `npm start` of an example: `cloudpay` with the arguments that follow, on the ports that ports.mjs says; `PORT` among them is the shop's. */
import { fileURLToPath } from 'node:url'
import { serverAlone, serverBeside, shopPort } from './ports.mjs'

const args = process.argv.slice(2)
process.env.CLOUDPAY_URL = args[0] === 'dev' ? serverAlone : serverBeside
const main = new URL('../dist/cli/main.js', import.meta.url)
const given = args.map((arg) => arg.replace(/:PORT$/, `:${shopPort}`))
process.argv.splice(1, process.argv.length, fileURLToPath(main), ...given)
await import(main.href)
