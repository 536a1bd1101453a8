/**
 * The settings of `cloudpay start`: one row each, read by the command line (its options and help) and by
 * `config.ts` (its values). Owns names and meanings; never reads a value. Light: `--help` imports it.
 */
import type { Text } from '../protocol/text.ts'

interface Setting {
  readonly flag: string
  /** A variable for each flag; the flag wins. */
  readonly variable: string
  readonly placeholder: string
  readonly meaning: Text
}

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

/** Lines for people, or a JSON a line for programs. */
export const logForms = ['text', 'json'] as const
export type LogForm = (typeof logForms)[number]

export const defaults = { port: 8688, host: '127.0.0.1', data: './.cloudpay', logLevel: 'info' } as const

export const settings = {
  port: {
    flag: '--port',
    variable: 'CLOUDPAY_PORT',
    placeholder: '<number>',
    meaning: {
      zh: `监听端口，默认 ${defaults.port}；填 0 由系统分配`,
      en: `port to listen on, default ${defaults.port}; 0 lets the system choose`,
    },
  },
  host: {
    flag: '--host',
    variable: 'CLOUDPAY_HOST',
    placeholder: '<address>',
    meaning: {
      zh: `监听地址，默认 ${defaults.host}，只有本机能访问`,
      en: `address to listen on, default ${defaults.host}: this machine only`,
    },
  },
  data: {
    flag: '--data',
    variable: 'CLOUDPAY_DATA',
    placeholder: '<folder>',
    meaning: { zh: `数据目录，默认 ${defaults.data}`, en: `data folder, default ${defaults.data}` },
  },
  config: {
    flag: '--config',
    variable: 'CLOUDPAY_CONFIG',
    placeholder: '<file>',
    meaning: {
      zh: '配置文件（JSON），列出各个环境；不指定则使用演示环境',
      en: 'JSON file that lists the environments; without it, the demo environment',
    },
  },
  profile: {
    flag: '--profile',
    variable: 'CLOUDPAY_PROFILE',
    placeholder: '<name>',
    meaning: {
      zh: '演示环境的规则：documented（按文档，默认）或 observed（按实测）',
      en: 'rules of the demo environment: documented (default) or observed',
    },
  },
  language: {
    flag: '--language',
    variable: 'CLOUDPAY_LANGUAGE',
    placeholder: '<zh|en>',
    meaning: {
      zh: '演示环境应答文字的语言：zh（默认）或 en',
      en: "language of the demo environment's answers: zh (default) or en",
    },
  },
  allowHost: {
    flag: '--allow-host',
    variable: 'CLOUDPAY_ALLOWED_HOSTS',
    placeholder: '<names>',
    meaning: {
      zh: '请求头 Host 中另外允许的主机名，用逗号分隔',
      en: 'further names to accept in the Host header, separated by commas',
    },
  },
  publicUrl: {
    flag: '--public-url',
    variable: 'CLOUDPAY_PUBLIC_URL',
    placeholder: '<url>',
    meaning: {
      zh: '浏览器和手机访问本服务的地址，用于 code_url 与 mweb_url，例如 http://192.168.1.5:8688',
      en: 'address at which browsers and phones reach the server, for code_url and mweb_url',
    },
  },
  parts: {
    flag: '--parts',
    variable: 'CLOUDPAY_PARTS',
    placeholder: '<number>',
    meaning: {
      zh: '新账本分成几份（分布式数据库用），默认 1；首次启动后不能更改',
      en: 'parts of a new ledger, for a distributed database; default 1, fixed by the first start',
    },
  },
  logLevel: {
    flag: '--log-level',
    variable: 'CLOUDPAY_LOG_LEVEL',
    placeholder: '<level>',
    meaning: {
      zh: `日志级别：${logLevels.join('、')}，默认 ${defaults.logLevel}`,
      en: `log level: ${logLevels.join(', ')}; default ${defaults.logLevel}`,
    },
  },
  log: {
    flag: '--log',
    variable: 'CLOUDPAY_LOG',
    placeholder: '<form>',
    meaning: {
      zh: `日志的形式：${logForms.join('、')}；默认在终端里为 text，其他情况为 json`,
      en: `form of the log: ${logForms.join(' or ')}; default text at a terminal, json elsewhere`,
    },
  },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings

/** What the command line said, as text. */
export type Flags = { readonly [name in SettingName]?: string | undefined }

/** Only as a variable: a secret among a process's arguments is visible to every user of the machine. */
export const adminTokenVariable = 'CLOUDPAY_ADMIN_TOKEN'
export const shortestAdminToken = 16

/** Only as a variable, for it holds a password. Without it the embedded database serves. */
export const databaseVariable = 'DATABASE_URL'
