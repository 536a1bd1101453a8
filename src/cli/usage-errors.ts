/** A command line that cannot be understood, said in one line. Owns the wording of commander's faults. */
import type { Command, CommanderError } from 'commander'
import type { Text } from '../protocol/text.ts'

const suggestion = (message: string): Text => {
  const near = /\(Did you mean (?:one of )?(.+)\?\)/.exec(message)?.[1]
  return near === undefined
    ? { zh: '', en: '' }
    : { zh: `（是否想用 ${near}？）`, en: ` (did you mean ${near}?)` }
}

/** A span of time with a sign reads like a flag. */
const backwards: Text = {
  zh: '应为时长，如 5m；时钟只能往前走',
  en: 'it must be a duration such as 5m; the clock only goes forward',
}

function faultText({ code, message }: CommanderError, command: string): Text {
  const named = /'([^']*)'/.exec(message)?.[1] ?? ''
  const near = suggestion(message)
  switch (code) {
    case 'commander.unknownCommand':
      return { zh: `没有 ${named} 这个命令${near.zh}`, en: `unknown command ${named}${near.en}` }
    case 'commander.unknownOption':
      if (command.endsWith(' advance') && /^-\d/.test(named)) return backwards
      return { zh: `没有 ${named} 这个选项${near.zh}`, en: `unknown option ${named}${near.en}` }
    case 'commander.optionMissingArgument':
      return { zh: `选项 ${named} 缺少取值`, en: `option ${named} needs a value` }
    case 'commander.missingArgument':
      return { zh: `缺少参数 <${named}>`, en: `argument <${named}> is missing` }
    case 'commander.excessArguments':
      // What npm was not told to pass on it keeps, and only the values arrive.
      return named === 'start'
        ? {
            zh: '命令 start 的参数过多；经 npm 启动时选项写在 -- 之后：npm start -- --port 9000',
            en: 'too many arguments for start; through npm, flags follow --: npm start -- --port 9000',
          }
        : { zh: `命令 ${named} 的参数过多`, en: `too many arguments for ${named}` }
    case 'commander.invalidArgument': {
      const [, option, value, allowed] =
        /'([^']*)'.* '([^']*)' is invalid\. (?:Allowed choices are (.*)\.)?/.exec(message) ?? []
      if (option === undefined || value === undefined || allowed === undefined)
        return { zh: message, en: message }
      return {
        zh: `选项 ${option} 的取值 "${value}" 不对：应为 ${allowed}`,
        en: `option ${option} cannot be "${value}": it must be one of ${allowed}`,
      }
    }
    default:
      return { zh: message, en: message.replace(/^error: /, '') }
  }
}

/** Of which command a fault is: commander's faults do not tell. */
const faulty = new WeakMap<CommanderError, Command>()

/** @returns what a command throws its faults by */
export const faultsOf =
  (command: Command) =>
  (error: CommanderError): never => {
    faulty.set(error, command)
    throw error
  }

/** As it is typed behind the program's name. */
const nameOf = (command: Command): string =>
  command.parent === null ? '' : `${nameOf(command.parent)} ${command.name()}`

/** @param program how this program is called */
export function usageText(error: CommanderError, program: string): Text {
  const command = faulty.get(error)
  const name = command === undefined ? '' : nameOf(command)
  const { zh, en } = faultText(error, name)
  const help = `${program}${name} --help`
  return { zh: `${zh}。用法见 ${help}。`, en: `${en}. See ${help}.` }
}
