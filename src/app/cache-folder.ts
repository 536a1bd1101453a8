/** Where this user's programs keep what can be made again. Never holds anything that anyone would miss. */
import { homedir } from 'node:os'
import { join } from 'node:path'

type Variables = Readonly<Record<string, string | undefined>>

/** As each system has it. @param platform of `process` */
export function cacheFolder(variables: Variables, platform: NodeJS.Platform): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = variables
  if (platform === 'win32') return join(LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'opencloudpay')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'opencloudpay')
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'opencloudpay')
}
