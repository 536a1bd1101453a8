/**
 * What stops the program from starting. Owns the texts: each says what was found, which rule, and what to do,
 * in one line per language; never a key, a token or a line of somebody's file.
 */
import type { Text } from '../protocol/text.ts'
import { shortestAdminToken } from './settings.ts'

/** Thrown before anything is served; the command line prints `text` and exits with 1. */
export class StartRefused extends Error {
  readonly text: Text

  constructor(text: Text, options?: { cause?: unknown }) {
    super(text.en, options)
    this.name = 'StartRefused'
    this.text = text
  }
}

export const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''

/** ` (EACCES)`, so that it can be looked up; nothing when the cause has no code. */
const coded = (cause: unknown): Text => {
  const code = codeOf(cause)
  return code === '' ? { zh: '', en: '' } : { zh: `（${code}）`, en: ` (${code})` }
}

export const portInUse = (host: string, port: number, cause?: unknown) => {
  const other = port < 65_535 ? port + 1 : port - 1
  return new StartRefused(
    {
      zh: `${host} 的端口 ${port} 已被占用。请停掉占用它的程序，或换一个端口：--port ${other}（--port 0 由系统分配）。`,
      en: `Port ${port} on ${host} is in use. Stop the program that uses it, or choose another: --port ${other} (--port 0 lets the system choose).`,
    },
    { cause },
  )
}

export const portForbidden = (host: string, port: number, cause?: unknown) =>
  new StartRefused(
    {
      zh: `没有权限监听 ${host} 的端口 ${port}${coded(cause).zh}。请改用 1024 以上的端口，例如 --port 8688。`,
      en: `This user may not listen on port ${port} of ${host}${coded(cause).en}. Use a port above 1024, such as --port 8688.`,
    },
    { cause },
  )

export const hostNotBindable = (host: string, cause?: unknown) =>
  new StartRefused(
    {
      zh: `无法监听 ${host}：本机没有这个地址${coded(cause).zh}。请用 --host 指定本机的地址，默认是 127.0.0.1。`,
      en: `Cannot listen on ${host}: this machine has no such address${coded(cause).en}. Give one of its own with --host; the default is 127.0.0.1.`,
    },
    { cause },
  )

/** What `server.listen` failed with, said for people; anything unforeseen comes back as it is. */
export function listenRefused(error: unknown, host: string, port: number): unknown {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return portInUse(host, port, error)
    case 'EACCES':
    case 'EPERM':
      return portForbidden(host, port, error)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return hostNotBindable(host, error)
    default:
      return error
  }
}

export const dataFolderNotWritable = (path: string, cause?: unknown) =>
  new StartRefused(
    {
      zh: `数据目录 ${path} 无法写入${coded(cause).zh}。请修改目录权限，或用 --data 指定其他目录。`,
      en: `The data folder ${path} cannot be written${coded(cause).en}. Change its permissions, or choose another with --data.`,
    },
    { cause },
  )

export const dataFolderIsFile = (path: string, cause?: unknown) =>
  new StartRefused(
    {
      zh: `数据目录 ${path} 是一个文件，不是目录。请移走这个文件，或用 --data 指定其他目录。`,
      en: `The data folder ${path} is a file, not a folder. Move the file away, or choose another folder with --data.`,
    },
    { cause },
  )

export const dataFolderInUse = (path: string, pid: number | undefined, cause?: unknown) =>
  new StartRefused(
    {
      zh: `数据目录 ${path} 正被另一个进程${pid === undefined ? '' : `（pid ${pid}）`}使用，两个进程同时写入会损坏数据。请先停掉那个进程，或用 --data 指定其他目录。`,
      en: `The data folder ${path} is in use by another process${pid === undefined ? '' : ` (pid ${pid})`}, and two at once would ruin it. Stop that process, or choose another folder with --data.`,
    },
    { cause },
  )

export const dataFolderFromNewerVersion = (path: string, cause?: unknown) =>
  new StartRefused(
    {
      zh: `数据目录 ${path} 由更新版本的 OpenCloudPay 写入，当前版本无法读取。请升级 OpenCloudPay，或用 --data 指定其他目录。`,
      en: `The data folder ${path} was written by a newer OpenCloudPay, which this version cannot read. Upgrade OpenCloudPay, or choose another folder with --data.`,
    },
    { cause },
  )

/**
 * @param name as the user wrote it: `--port` or `CLOUDPAY_PORT`
 * @param found what was there; left out of the text when it is a secret
 * @param rule what is right, a sentence without its full stop
 */
export const brokenSetting = (name: string, found: string | undefined, rule: Text) => {
  const value =
    found === undefined ? { zh: '', en: '' } : { zh: `（当前为 "${found}"）`, en: ` ("${found}")` }
  return new StartRefused({
    zh: `${name} 设置有误${value.zh}：${rule.zh}。`,
    en: `${name}${value.en} is not right: ${rule.en}.`,
  })
}

export const configUnreadable = (path: string, cause: unknown) =>
  new StartRefused(
    {
      zh: `配置文件 ${path} 无法读取${coded(cause).zh}。请检查 --config（CLOUDPAY_CONFIG）的路径和文件权限。`,
      en: `The configuration file ${path} cannot be read${coded(cause).en}. Check the path given in --config (CLOUDPAY_CONFIG) and its permissions.`,
    },
    { cause },
  )

/** Without the parser's own message, which quotes the file and so perhaps a key. */
export const configNotJson = (path: string, line: number | undefined) =>
  new StartRefused({
    zh: `配置文件 ${path} 不是合法的 JSON${line === undefined ? '' : `，问题在第 ${line} 行附近`}。注意：JSON 不允许注释和多余的逗号。`,
    en: `The configuration file ${path} is not valid JSON${line === undefined ? '' : `, near line ${line}`}. Mind that JSON has no comments and no trailing commas.`,
  })

/** @param place inside the file, such as `environments[0].secretKey`; '' for the whole */
export const configInvalid = (path: string, place: string, rule: Text) =>
  new StartRefused({
    zh: `配置文件 ${path} 有误：${place === '' ? '' : `${place}：`}${rule.zh}。`,
    en: `The configuration file ${path} is not right: ${place === '' ? '' : `${place}: `}${rule.en}.`,
  })

export const demoSettingBesideFile = (name: string, path: string) =>
  new StartRefused({
    zh: `${name} 只对演示环境有效，而 ${path} 已经定义了自己的环境。请去掉 ${name}，改在文件里为各环境填写 profile、language。`,
    en: `${name} is for the demo environment only, and ${path} defines environments of its own. Remove ${name} and write profile and language into the file.`,
  })

export const channelNotThere = (envId: string) =>
  new StartRefused({
    zh: `环境 ${envId} 的 channel 是 wechatpay：本版本还不能连接真实的微信支付。请改为 "channel": "sandbox"，或去掉这一行。`,
    en: `Environment ${envId} has the channel wechatpay: this version cannot reach the real WeChat Pay yet. Write "channel": "sandbox", or leave the line out.`,
  })

export const openWithoutToken = (host: string) =>
  new StartRefused({
    zh: `监听 ${host} 会让其他机器也能访问，必须先设置管理员令牌：环境变量 CLOUDPAY_ADMIN_TOKEN，至少 ${shortestAdminToken} 个字符（可用 openssl rand -hex 16 生成）。仅供本机使用请去掉 --host。`,
    en: `Listening on ${host} lets other machines in, which needs an administrator token: set CLOUDPAY_ADMIN_TOKEN, at least ${shortestAdminToken} characters (openssl rand -hex 16 makes one). For this machine alone, leave out --host.`,
  })

export const openWithDemoCredentials = (host: string, envId: string) =>
  new StartRefused({
    zh: `环境 ${envId} 使用的是人人皆知的演示密钥，监听 ${host} 时不允许使用。请用 --config 指定配置文件，为环境填写自己的 secretId、secretKey 和 provider.apiKey；仅供本机使用请去掉 --host。`,
    en: `Environment ${envId} has the demo credentials that everyone knows, which are refused on ${host}. Give a file with --config whose environments have a secretId, secretKey and provider.apiKey of their own; for this machine alone, leave out --host.`,
  })
