/** Sees which functions' files change. Owns what is looked at; what a change means is the host's. */
import { once } from 'node:events'
import { dirname, relative, sep } from 'node:path'
import chokidar from 'chokidar'
import { cloudbaseFile } from './function-settings.ts'

export interface Watch {
  close(): Promise<void>
}

/** What editors and systems leave beside the files that are meant; logs that a function may write. */
const notMeant = /^\.git$|^\.DS_Store$|~$|\.sw[a-p]$|\.log$/

/**
 * Of packages only the list of those installed: npm writes it last, and they have far too many files.
 */
function isIgnored(root: string, path: string): boolean {
  const parts = relative(root, path).split(sep)
  const packages = parts.indexOf('node_modules')
  if (packages >= 0 && packages < parts.length - 1)
    return packages !== parts.length - 2 || parts.at(-1) !== '.package-lock.json'
  return notMeant.test(parts.at(-1) ?? '')
}

/**
 * @param changed hears the function's name; undefined when a file changed that is for all of them
 * @param failed hears why changes are not seen: most often the system allows no more watches
 * @returns once it sees every change
 */
export async function watchFunctions(
  root: string,
  changed: (name: string | undefined) => void,
  failed: (error: unknown) => void,
): Promise<Watch> {
  const folders = chokidar.watch(root, { ignoreInitial: true, ignored: (path) => isIgnored(root, path) })
  folders.on('all', (_event, path) => {
    const [name = ''] = relative(root, path).split(sep)
    if (name !== '') changed(name)
  })
  // By its folder, for it may not be there yet; one watcher for both was seen to miss new folders then.
  const file = cloudbaseFile(root)
  const beside = chokidar.watch(dirname(file), {
    ignoreInitial: true,
    depth: 0,
    ignored: (path) => path !== file && path !== dirname(file),
  })
  beside.on('all', (_event, path) => {
    if (path === file) changed(undefined)
  })
  const both = [folders, beside]
  await Promise.all(both.map((watcher) => once(watcher.on('error', failed), 'ready')))
  return { close: async () => void (await Promise.all(both.map((watcher) => watcher.close()))) }
}
