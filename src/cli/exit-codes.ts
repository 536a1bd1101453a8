/** Every exit code of the command line, and what it means: the one table that `--help` and docs/cli.md are made from. */
import type { Text } from '../protocol/text.ts'

export const exitCodes = {
  done: 0,
  refused: 1,
  paid: 2,
  notYet: 3,
  unknown: 4,
  unanswered: 5,
  notExecutable: 126,
  notFound: 127,
  signalled: 128,
  interrupted: 130,
} as const

export type ExitName = keyof typeof exitCodes

/** How the codes are written: one stands for a row of them. */
export const exitCodeText = (name: ExitName) =>
  name === 'signalled' ? `${exitCodes.signalled}+n` : `${exitCodes[name]}`

/** What it means whatever the command; a command may say it in words of its own. */
export const exitMeanings = {
  done: { zh: '成功', en: 'done' },
  refused: {
    zh: '选项有误、未确认，或被拒绝，原因已说明',
    en: 'a wrong flag, not confirmed, or refused; the reason is said',
  },
  paid: { zh: '订单已支付，不能照办', en: 'the order is paid, so that it cannot be done' },
  notYet: { zh: '现在还不行，稍后可以', en: 'not now, but later' },
  unknown: { zh: '没有这个号码', en: 'there is no such number' },
  unanswered: {
    zh: '服务没有应答，结果未知；该怎么办已说明',
    en: 'the server did not answer, nothing is known; what to do is said',
  },
  notExecutable: { zh: '所给的命令没有执行权限', en: 'the command given is not executable' },
  notFound: { zh: '找不到所给的命令', en: 'there is no such command as the one given' },
  signalled: { zh: '所给的命令被信号 n 终止', en: 'signal n ended the command given' },
  interrupted: { zh: '被 Ctrl+C 中断', en: 'ended by Ctrl+C' },
} as const satisfies Record<ExitName, Text>

/** Which of them a command ends with: as the table says, or in its own words. */
export type Exits = { readonly [Name in ExitName]?: true | Text }

export const isExitName = (word: string): word is ExitName => word in exitCodes

/** In the order of the table. */
export const exitRows = (exits: Exits): { code: string; meaning: Text }[] =>
  Object.keys(exitCodes)
    .filter(isExitName)
    .flatMap((name) => {
      const own = exits[name]
      if (own === undefined) return []
      return [{ code: exitCodeText(name), meaning: own === true ? exitMeanings[name] : own }]
    })

export const allExits: Exits = exitMeanings
