/**
 * All variables of the process of a function, in one place: the developer's own, what the function's settings add,
 * and what leads its calls to this server. Whoever adds another way to lead them here adds it here.
 */
import { variablesForSdk } from '../client/sdk-variables.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Where the functions' SDK goes, and as whom. */
export interface SdkTarget {
  /** Of the server, as `serverOrigin` gives it. */
  readonly origin: string
  readonly secretId: string
  readonly secretKey: string
  /** `cloud.DYNAMIC_CURRENT_ENV` until a call says otherwise. */
  readonly envName: string
}

/** What only the platform sets, left in a shell by other tools; and what a function has no business with. */
const notTheirs = /^(WX|TCB|QQ|SCF)_|^TENCENTCLOUD_RUNENV$|^CLOUDPAY_ADMIN_TOKEN$/

/** What leads written-in names here (client/led-names.ts) stays in force, whatever a function's settings say. */
function leading(
  { CLOUDPAY_LED_NAMES: table, NODE_OPTIONS, NODE_EXTRA_CA_CERTS }: Variables,
  settings: Variables,
): Variables {
  if (table === undefined) return {}
  const options = [settings.NODE_OPTIONS, NODE_OPTIONS].filter((one) => one !== undefined).join(' ')
  return { CLOUDPAY_LED_NAMES: table, NODE_OPTIONS: options, NODE_EXTRA_CA_CERTS }
}

export function childVariables(own: Variables, settings: Variables, target: SdkTarget): Variables {
  const kept = Object.fromEntries(Object.entries(own).filter(([name]) => !notTheirs.test(name)))
  const { origin, secretId, secretKey, envName } = target
  return {
    ...variablesForSdk({ ...kept, ...settings, ...leading(kept, settings) }, origin, secretId, secretKey),
    TCB_ENV: envName,
    SCF_NAMESPACE: envName,
  }
}
