/** An operator's program: the real client on a story's server. */
import { CloudPay, type CloudPayOptions } from '../../src/client/index.ts'

export const operatorOf = ({ url }: { url: string }, envId: string, more: CloudPayOptions = {}) =>
  new CloudPay({ baseUrl: url, envId, ...more })
