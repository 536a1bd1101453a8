/**
 * Makes a clone ready: packages as the lock files say, and `dist/` as the sources say.
 * `node scripts/setup.mjs [test|demo|examples/<name>] [--build]`; the npm scripts call it before whatever needs it.
 * With only Node and npm on the machine; quiet and quick when there is nothing to do.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, isBuilt } from './build.mjs'
import { alone } from './setup-lock.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** @param {string} zh @param {string} en */
const say = (zh, en) => process.stderr.write(`${zh} / ${en}\n`)

/** @param {string} zh @param {string} en @param {string} [details] @returns {never} */
function fail(zh, en, details) {
  if (details) process.stderr.write(`${details.trimEnd()}\n`)
  say(zh, en)
  process.exit(1)
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  fail(
    `需要 Node.js 20.19 或更高版本，当前是 ${process.versions.node}`,
    `Node.js 20.19 or newer is needed, this is ${process.versions.node}`,
  )
}

/**
 * Folders with packages of their own, and what they are for.
 * @type {Readonly<Record<string, { folder: string, zh: string, en: string }>>}
 */
const packages = {
  root: { folder: root, zh: '安装依赖', en: 'Installing packages' },
  test: { folder: join(root, 'test'), zh: '安装测试所需的依赖', en: 'Installing what the tests need' },
  bench: { folder: join(root, 'bench'), zh: '安装测量所需的依赖', en: 'Installing what the benchmark needs' },
  demo: { folder: join(root, 'demo'), zh: '安装演示所需的依赖', en: 'Installing what the demo needs' },
  ...Object.fromEntries(
    readdirSync(join(root, 'examples'))
      .filter((name) => existsSync(join(root, 'examples', name, 'package.json')))
      .map((name) => [
        `examples/${name}`,
        {
          folder: join(root, 'examples', name),
          zh: '安装示例所需的依赖',
          en: 'Installing what the example needs',
        },
      ]),
  ),
}

/** Some packages hold binaries for one platform; a clone may be shared between a machine and a container. */
const platform = `node ${process.versions.node.split('.')[0]} ${process.platform} ${process.arch}`

/** @param {string} folder */
const stampPath = (folder) => join(folder, 'node_modules', '.installed-from')

/** @param {string} folder */
const wantedStamp = (folder) =>
  `${createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')} ${platform}\n`

/** @param {string} folder */
const isInstalled = (folder) =>
  existsSync(stampPath(folder)) && readFileSync(stampPath(folder), 'utf8') === wantedStamp(folder)

/**
 * What `npm start` hands down to scripts: the settings of that call, which are not meant for this one
 * (`--omit=dev`, `--silent`, `-w`, `--global`). Where packages come from (registry, proxy, cache) stays.
 */
const notOurs =
  /^npm_config_(also|dev|dry_run|global|include|include_workspace_root|json|location|loglevel|omit|only|optional|package_lock|package_lock_only|production|workspaces?)$/i

/** @returns {[command: string, args: string[], shell: boolean]} */
function npm() {
  // Under `npm start`, the same npm; under another package manager this is not one.
  const { npm_execpath: path = '' } = process.env
  if (/npm-cli\.[cm]?js$/.test(path)) return [process.execPath, [path], false]
  // On Windows npm is a command file, which only a shell can start.
  return ['npm', [], process.platform === 'win32']
}

/** @param {{ folder: string, zh: string, en: string }} its */
function install({ folder, zh, en }) {
  say(`${zh} ……`, `${en} ...`)
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !notOurs.test(key)))
  const [command, before, shell] = npm()
  const args = [...before, 'ci', '--include=dev', '--no-audit', '--no-fund']
  const result = spawnSync(command, args, { cwd: folder, env, shell, encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (result.status !== 0) {
    fail(
      'npm ci 失败，原因见上方输出；多为网络或 npm 源设置问题，解决后重新运行即可',
      'npm ci failed, see above; often it is the network or the npm settings. Mend it and run this again',
      `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`,
    )
  }
  writeFileSync(stampPath(folder), wantedStamp(folder))
}

function compile() {
  say('编译 ……', 'Building ...')
  const faults = build()
  if (faults === undefined) return
  fail('编译失败，原因见上方输出', 'The build failed, see above', faults)
}

checkNode()
const words = process.argv.slice(2).filter((word) => word !== '--build')
const mustBuild = process.argv.includes('--build')
const wanted = [...new Set(['root', ...words])].map((word) => {
  const its = packages[word]
  if (its !== undefined) return its
  return fail(
    `不认识的参数：${word}`,
    `unknown argument: ${word}; setup.mjs [${Object.keys(packages).join('|')}] [--build]`,
  )
})

const isReady = () => wanted.every(({ folder }) => isInstalled(folder)) && isBuilt()
if (!isReady() || mustBuild) {
  const work = () => {
    for (const its of wanted) if (!isInstalled(its.folder)) install(its)
    if (!isBuilt() || mustBuild) compile()
  }
  await alone(work, () => say('等待另一个安装过程完成 ……', 'Waiting for another setup to finish ...'))
}
