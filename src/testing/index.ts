/** `import { startSandbox } from 'opencloudpay/testing'`: a sandbox inside a test. */
export type { CallbackWanted, CapturedCallback } from './callbacks.ts'
export { type ControlClient, SandboxRefused } from './control-client.ts'
export type { Cashier, ClientAnswer, Clock, Duration, FaultScope, Faults, Payer } from './controls.ts'
export type { CloudFunction } from './functions.ts'
export { type Sandbox, type SandboxOptions, startSandbox } from './start-sandbox.ts'
