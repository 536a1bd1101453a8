/**
 * The reference of the command line, one page a language: made from the commands themselves, by asking each for its help.
 * Owns the page's layout and what holds for all commands.
 */

/** @typedef {'zh' | 'en'} Language */
/** @typedef {import('commander').Command} Command */
/** @typedef {(language: Language) => Command} Program */
/** @typedef {readonly { readonly code: string, readonly meaning: Readonly<Record<Language, string>> }[]} ExitRows */

const words = {
  zh: {
    title: '命令行',
    generated: '本页由 `npm run docs` 从命令本身（`src/cli/`）生成，请勿手改。',
    intro: `\`npx opencloudpay\` 启动服务；安装后（\`npm install --global opencloudpay\`）命令名为 \`cloudpay\`；在源码目录里、在安装了本软件包的项目里是 \`npx opencloudpay\`，在其他目录里是 \`node /path/to/opencloudpay/dist/cli/main.js\`。它打印的命令可以直接复制。\`opencloudpay\` 与 \`cloudpay\` 是同一个程序，区别只在于不带命令时：前者启动服务，后者显示帮助。

- **服务**：默认 \`http://127.0.0.1:8688\`；\`--url\` 或 \`CLOUDPAY_URL\` 指定另一个。服务有管理员令牌时设置 \`CLOUDPAY_ADMIN_TOKEN\`。
- **环境与商户**：默认为服务唯一的环境（有多个时为 \`sandbox\`）与演示商户；\`--env-id\`、\`--sub-mch-id\` 指定另一个。
- **语言**：按 \`LC_ALL\`、\`LC_MESSAGES\`、\`LANG\`，都没有时按系统；\`--lang zh\` 或 \`--lang en\` 优先。
- **给程序用**：\`--json\`。\`orders list\`、\`orders watch\`、\`callbacks list\`、\`env list\`、\`demo\` 与 \`close\` 每行一个 JSON 对象，\`close\` 的最后一行是汇总；其余只有一个对象，也占一行。字段名、时间（ISO 8601，\`+08:00\`）与金额（分）同 HTTP API；\`demo\` 的应答同客户端。结果在标准输出，提示与错误在标准错误。
- **颜色与进度条**只在终端里出现；遵守 \`NO_COLOR\`。商户或用户写的文字里的控制字符显示为 \`�\`。`,
    exits: '退出码',
    exitsIntro: '所有命令共用这一张表；各命令用到哪些、在那里具体指什么，见各自的帮助。',
    exitHeads: ['退出码', '含义'],
    commands: '命令',
  },
  en: {
    title: 'Command line',
    generated:
      'This page is made by `npm run docs` from the commands themselves (`src/cli/`); do not edit it.',
    intro: `\`npx opencloudpay\` starts the server; once installed (\`npm install --global opencloudpay\`) the command is \`cloudpay\`. In
the folder of a clone, and in a project that installed the package, it is \`npx opencloudpay\`, elsewhere
\`node /path/to/opencloudpay/dist/cli/main.js\`; commands that it prints can be copied. \`opencloudpay\` and \`cloudpay\` are one
program, but for what they do without a command: the first starts the server, the second shows help.

- **Which server**: \`http://127.0.0.1:8688\`, or what \`--url\` or \`CLOUDPAY_URL\` says. Where it has an administrator token, set
  \`CLOUDPAY_ADMIN_TOKEN\`.
- **Whose orders**: those of the only environment that the server has, among several of \`sandbox\`, and of the demo's merchant; or what \`--env-id\` and \`--sub-mch-id\` say.
- **Language**: by \`LC_ALL\`, \`LC_MESSAGES\`, \`LANG\`, and where none is set the system's; \`--lang zh\` or \`--lang en\` wins.
- **For programs**: \`--json\`. \`orders list\`, \`orders watch\`, \`callbacks list\`, \`env list\`, \`demo\` and \`close\` print one JSON object a
  line, the last line of \`close\` is a summary; all others print one object, on one line. Names, times (ISO 8601, \`+08:00\`) and amounts
  (fen) are those of the HTTP API, answers in \`demo\` those of the client. Results go to standard output, remarks and errors to
  standard error.
- **Colours and bars** are for terminals; \`NO_COLOR\` is honoured. Control characters in what shops and customers wrote are shown
  as \`�\`.`,
    exits: 'Exit codes',
    exitsIntro:
      'All commands share this table; which of them a command ends with, and what that means there, stands in its help.',
    exitHeads: ['code', 'meaning'],
    commands: 'Commands',
  },
}

/** What a terminal of 80 columns shows. @param {Command} command */
function helpOf(command) {
  let text = ''
  command.configureOutput({
    getOutHelpWidth: () => 80,
    getOutHasColors: () => false,
    writeOut: (more) => {
      text += more
    },
  })
  command.outputHelp()
  return text.trimEnd()
}

/** @param {Command} command @returns {Command[]} those that do something, in their order */
const leavesOf = (command) =>
  command.commands.length === 0 ? [command] : command.commands.flatMap((one) => leavesOf(one))

/** @param {Command} command @returns {string} */
const nameOf = (command) =>
  command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`

/** @param {Program} program @param {ExitRows} exits @param {Language} language */
function page(program, exits, language) {
  const its = words[language]
  const cloudpay = program(language)
  const sections = leavesOf(cloudpay).map(
    (command) => `### ${nameOf(command)}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`,
  )
  return `# ${its.title}

${its.generated}

${language === 'zh' ? '[English](cli.md)' : '[中文](cli.zh-CN.md)'}

${its.intro}

## ${its.exits}

${its.exitsIntro}

| ${its.exitHeads.join(' | ')} |
| --- | --- |
${exits.map(({ code, meaning }) => `| ${code} | ${meaning[language]} |`).join('\n')}

## ${its.commands}

\`\`\`text
${helpOf(cloudpay)}
\`\`\`

${sections.join('\n')}`
}

/** @param {{ program: Program, exits: ExitRows }} its */
export const cliPages = ({ program, exits }) => [
  { path: 'docs/cli.md', text: page(program, exits, 'en') },
  { path: 'docs/cli.zh-CN.md', text: page(program, exits, 'zh') },
]
