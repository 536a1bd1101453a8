/** What `cloudpay names` prints: where the names lead, and what a program of any language has to be told. Owns the text. */
import { httpPort, httpsPort, openName, payNames } from '../client/led-names.ts'
import { shellQuoted } from '../protocol/shell-quoted.ts'
import type { Language, Text } from '../protocol/text.ts'

/** In the folder where the command is called. */
export const defaultCaFile = 'cloudpay-ca.pem'

export interface NamesFacts {
  readonly version: string
  readonly origin: string
  readonly http: number
  readonly https: number
  /** The authority's certificate, absolute. */
  readonly file: string
}

const row = (what: string, ...lines: string[]) =>
  lines.map((line, at) => `  ${(at === 0 ? what : '').padEnd(15)}${line}`)

/** Names mean 80 and 443: another port is of use only to what forwards to it. */
const portLines = ({ http, https }: NamesFacts): Text[] =>
  http === httpPort && https === httpsPort
    ? []
    : [
        {
          zh: `程序仍会连接 ${httpPort} 和 ${httpsPort}：请把它们转到 ${http} 和 ${https}。`,
          en: `Programs connect to ${httpPort} and ${httpsPort} all the same: forward those to ${http} and ${https}.`,
        },
      ]

const trustLines = (file: string) => [
  ...row('Python', `SSL_CERT_FILE=${file}`, `REQUESTS_CA_BUNDLE=${file}`),
  ...row('Go, Ruby, .NET', `SSL_CERT_FILE=${file}`),
  ...row('PHP', `php -d curl.cainfo=${file} \\`, `  -d openssl.cafile=${file}`),
  ...row(
    'Java',
    'keytool -importcert -noprompt -alias cloudpay \\',
    `  -file ${file} \\`,
    '  -keystore cloudpay.p12 -storetype PKCS12 -storepass changeit',
    'java -Djavax.net.ssl.trustStore=cloudpay.p12 \\',
    '  -Djavax.net.ssl.trustStorePassword=changeit',
  ),
  ...row('Node', `NODE_EXTRA_CA_CERTS=${file}`),
  ...row('curl', `CURL_CA_BUNDLE=${file}`),
]

/** @returns lines, the last one empty */
export function namesPage(facts: NamesFacts, language: Language): string {
  const { version, origin, http, https } = facts
  const file = shellQuoted(facts.file)
  const [name] = payNames
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en)
  return [
    `OpenCloudPay ${version}   ${origin}`,
    '',
    say('发到下列地址的请求都转到上面的服务：', 'what comes here goes on to that server:'),
    ...row(`127.0.0.1:${http}`, `  http    ${openName}`, `          ${payNames.join('  ')}`),
    ...row(`127.0.0.1:${https}`, `  https   ${payNames.join('  ')}`),
    ...portLines(facts).map((line) => line[language]),
    '',
    say(
      '一、让程序到这里来：写入 hosts 文件，或作为容器的参数',
      '1. Send the program here: in the hosts file, or by flags of its container',
    ),
    `  127.0.0.1 ${payNames.join(' ')}`,
    `  docker run --network host \\`,
    ...payNames.map(
      (each, at) => `    --add-host ${each}:127.0.0.1 ${at + 1 < payNames.length ? '\\' : '...'}`,
    ),
    '',
    say(
      '二、让程序信任本次运行的证书（多会取代原有的信任列表，见说明）',
      '2. Make it trust the certificate of this run (mostly in place of all others)',
    ),
    ...trustLines(file),
    '',
    say('三、检查', '3. See whether it works'),
    `  curl --connect-to ${name}:443:127.0.0.1:${https} \\`,
    `    --cacert ${file} \\`,
    `    -d '<xml/>' https://${name}/pay/orderquery`,
    '',
    say('说明：docs/hosts.zh-CN.md', 'More: docs/hosts.md'),
    say('按 Ctrl+C 停止', 'Press Ctrl+C to stop'),
    '',
  ].join('\n')
}
