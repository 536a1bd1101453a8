/** What the command line says of the sandbox's clock and faults. Owns the texts. */
import type { Text } from '../protocol/text.ts'
import type { CommandText } from './command-text.ts'
import { jsonFlag, operatorFlags, withTokenNote } from './help-operators.ts'

export const aboutClock: Text = {
  zh: '沙箱的时钟：查看、拨快、设定、冻结、运行',
  en: "the sandbox's clock: show, advance, set, freeze, run",
}

const flags = [...operatorFlags, jsonFlag]
const exits = { done: true, refused: true, unanswered: true } as const
const clockNotes: Text = {
  zh: '到期的关单、退款和回调按时间顺序做完才返回。',
  en: 'What falls due (closes, refunds, callbacks) is done, in order, before it ends.',
}

export const clockShowText: CommandText = {
  about: {
    zh: '现在是什么时间，下一件到期的事在何时',
    en: 'what time it is, and when something falls due next',
  },
  flags,
  notes: withTokenNote(),
  examples: ['clock show'],
  exits,
}

export const clockAdvanceText: CommandText = {
  about: { zh: '拨快一段时间', en: 'move it on' },
  flags,
  notes: withTokenNote(clockNotes),
  examples: ['clock advance 5m', 'clock advance 1h30m'],
  exits,
}

export const clockSetText: CommandText = {
  about: {
    zh: '设为某个时间；有了订单就不能往回拨',
    en: 'set it to a time; not back, once there are orders',
  },
  flags,
  notes: withTokenNote(clockNotes),
  examples: ['clock set 2030-01-01T09:00:00+08:00'],
  exits,
}

export const clockFreezeText: CommandText = {
  about: { zh: '停住', en: 'let it stand' },
  flags,
  notes: withTokenNote(),
  examples: ['clock freeze'],
  exits,
}

export const clockRunText: CommandText = {
  about: { zh: '继续走', en: 'let it run' },
  flags,
  notes: withTokenNote(),
  examples: ['clock run'],
  exits,
}

export const clockNextText: CommandText = {
  about: { zh: '拨到下一件事到期的时间', en: 'move it to when something falls due next' },
  flags,
  notes: withTokenNote(clockNotes),
  examples: ['clock next'],
  exits,
}

export const aboutFaults: Text = {
  zh: '故障：有哪些、打开、关闭',
  en: 'faults: which there are, on, off',
}

export const faultsListText: CommandText = {
  about: { zh: '有哪些故障，哪些打开着', en: 'which faults there are, and which are on' },
  flags: [...operatorFlags, jsonFlag],
  notes: withTokenNote(),
  examples: ['faults list', 'faults list --json'],
  exits,
}

export const faultsOnText: CommandText = {
  about: { zh: '打开一个故障', en: 'switch a fault on' },
  flags: [
    ...operatorFlags,
    [
      '--order <number>',
      {
        zh: '只对这个订单；以 * 结尾匹配开头相同的',
        en: 'only this order; with * at its end all that begin so',
      },
    ],
    [
      '--sub-mch-id <number>',
      { zh: '只对这个商户，默认所有商户', en: 'only this merchant, default every merchant' },
    ],
    ['--fee <fen>', { zh: '只对这个金额的订单，单位分', en: 'only orders of this amount, in fen' }],
    [
      '--method <name>',
      { zh: '只对这个方法，如 unifiedOrder', en: 'only this method, such as unifiedOrder' },
    ],
    ['--times <number>', { zh: '只发生几次，默认不限', en: 'how often it strikes, default without end' }],
    ['--span <time>', { zh: '时长，如 5s', en: 'how long, such as 5s' }],
    jsonFlag,
  ],
  notes: withTokenNote({
    zh: '故障的名称与含义：cloudpay faults list，docs/faults.zh-CN.md。',
    en: 'Their names and what they do: cloudpay faults list, docs/faults.md.',
  }),
  examples: [
    'faults on answer-lost --method unifiedOrder --times 1',
    'faults on close-without-effect --order TEA-0007',
  ],
  exits,
}

export const faultsOffText: CommandText = {
  about: { zh: '关闭故障：名称、id，或 all', en: 'switch faults off: by name or id, or all' },
  flags: [...operatorFlags, jsonFlag],
  notes: withTokenNote(),
  examples: ['faults off answer-lost', 'faults off all'],
  exits,
}
