/** Sees which functions' files change. Owns what is looked at; what a change means is the host's. */
import { lstatSync, realpathSync } from 'node:fs'
import { dirname, relative, sep } from 'node:path'
import chokidar, { type FSWatcher } from 'chokidar'
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
  return notMeant.test(parts.at(-1) ?? '') || leadsBack(root, path)
}

/** A link upward, or to a place that is watched already: whoever follows it comes round again without end. */
function leadsBack(root: string, path: string): boolean {
  try {
    if (!lstatSync(path).isSymbolicLink()) return false
    const [own, to] = [realpathSync(root), realpathSync(path)]
    return `${own}${sep}`.startsWith(`${to}${sep}`) || to.startsWith(`${own}${sep}`)
  } catch {
    return false
  }
}

/** That it sees every change, or has said that it cannot. */
const settled = (watcher: FSWatcher) =>
  new Promise<void>((resolve) => void watcher.once('ready', resolve).once('error', () => resolve()))

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
    ignored: (path) => path !== file && path !== root && path !== dirname(file),
  })
  beside.on('all', (event, path) => {
    // The folder itself was replaced, by a build or by git: it is another one now.
    if (path === root && event === 'addDir') {
      folders.unwatch(root)
      folders.add(root)
    }
    if (path === file || path === root) changed(undefined)
  })
  const both = [folders, beside]
  let hasFailed = false
  const onceFailed = (error: unknown) => {
    if (!hasFailed) failed(error)
    hasFailed = true
  }
  await Promise.all(both.map((watcher) => settled(watcher.on('error', onceFailed))))
  return { close: async () => void (await Promise.all(both.map((watcher) => watcher.close()))) }
}
