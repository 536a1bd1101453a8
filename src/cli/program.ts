/** The command line: commands, flags and help, in the user's language. Owns how they hang together; texts are in help*.ts. */
import { Command, Option } from 'commander'
import type { Flags } from '../app/settings.ts'
import type { Language, Text } from '../protocol/text.ts'
import type { CallbacksListFlags } from './callbacks-list.ts'
import type { ResendFlags } from './callbacks-resend.ts'
import type { ClockCommand } from './clock.ts'
import type { CloseFlags } from './close.ts'
import { columns } from './columns.ts'
import type { CommandText } from './command-text.ts'
import type { Context } from './context.ts'
import type { DemoFlags } from './demo.ts'
import type { DevFlags } from './dev-settings.ts'
import type { EnvFlags } from './env.ts'
import type { FaultFlags } from './faults.ts'
import {
  aboutHelp,
  aboutLanguage,
  aboutProgram,
  aboutVersion,
  devText,
  namesText,
  programNotes,
  runText,
  startText,
  titles,
} from './help.ts'
import {
  aboutCallbacks,
  callbacksListText,
  callbacksResendText,
  callbacksShowText,
} from './help-callbacks.ts'
import { aboutEnv, demoText, envListText, envShowText } from './help-env.ts'
import { closeText, environmentFlag, proveText } from './help-operators.ts'
import {
  aboutOrders,
  ordersListText,
  ordersShowText,
  ordersWatchText,
  payText,
  refundText,
} from './help-orders.ts'
import { groupPage, notesPage } from './help-page.ts'
import {
  aboutClock,
  aboutFaults,
  clockAdvanceText,
  clockFreezeText,
  clockNextText,
  clockRunText,
  clockSetText,
  clockShowText,
  faultsListText,
  faultsOffText,
  faultsOnText,
} from './help-sandbox.ts'
import type { NamesFlags } from './names.ts'
import type { OperatorFlags } from './operator.ts'
import type { OrdersListFlags } from './orders-list.ts'
import type { PayFlags } from './pay.ts'
import type { RefundFlags } from './refund.ts'
import type { RunFlags } from './run.ts'
import { faultsOf } from './usage-errors.ts'
import { languageFlag, languages } from './user-language.ts'
import { wrapped } from './wrapped.ts'

/** Carries a command out; what it returns is the exit code. Each loads its file only then: help and `run` stay quick. */
export type Carry = (command: (context: Context) => Promise<number>) => Promise<void>

/** What becomes of values that are given one after the other. */
type Gather = (value: string, before: unknown) => unknown

const joined: Gather = (value, before) => (typeof before === 'string' ? `${before},${value}` : value)
const gathered: Gather = (value, before) => (Array.isArray(before) ? [...before, value] : [value])

/** Flags that may be given more than once. */
const repeated: Readonly<Record<string, Gather>> = {
  '--allow-host <names>': joined,
  '--container <service>=<url>': gathered,
}

/** Where commands are added: the program, or a command that has some, as `orders` has `list`. */
interface Group {
  readonly add: (usage: string, text: CommandText) => Command
}

interface Program extends Group {
  readonly cloudpay: Command
  readonly group: (name: string, about: Text) => Group
}

function openProgram(language: Language, version: string): Program {
  const spoken = () => new Option(`${languageFlag} <zh|en>`, aboutLanguage[language]).choices(languages)
  const dressed = (command: Command) =>
    command
      .helpOption('-h, --help', aboutHelp[language])
      .helpCommand(false)
      .exitOverride(faultsOf(command))
      .configureOutput({ outputError() {} })
      .configureHelp({
        displayWidth: columns,
        // commander's own breaks Chinese at spaces alone.
        boxWrap: wrapped,
        optionTerm: (option) => option.flags,
        // As it is typed: with the dashes before what `run` runs.
        subcommandTerm: (command) => `${command.name()} ${command.usage()}`,
        optionDescription: (option) => option.description,
        styleTitle: (title) => (language === 'zh' ? (titles[title] ?? title) : title),
      })
  const cloudpay = dressed(new Command('cloudpay'))
    .addOption(spoken())
    .description(aboutProgram[language])
    .version(version, '-V, --version', aboutVersion[language])
    .enablePositionalOptions()
    .addHelpText('after', ({ command }) => notesPage(programNotes, language, command.createHelp()))

  const addTo =
    (parent: Command) =>
    (usage: string, text: CommandText): Command => {
      const command = dressed(parent.command(usage)).description(text.about[language])
      for (const [form, meaning] of text.flags) {
        const parse = repeated[form]
        if (parse === undefined) command.option(form, meaning[language])
        else command.option(form, meaning[language], parse)
      }
      // The same as --env-id, as people guess it.
      if (text.flags.includes(environmentFlag)) command.addOption(new Option('--env <id>').hideHelp())
      return command
        .addOption(spoken())
        .addHelpText('after', ({ command: shown }) => notesPage(text, language, shown.createHelp()))
    }
  return {
    cloudpay,
    add: addTo(cloudpay),
    group(name: string, about: Text): Group {
      const texts: CommandText[] = []
      const group = dressed(cloudpay.command(name))
        .description(about[language])
        .addOption(spoken())
        .addHelpText('after', () => groupPage(texts, language))
      const add = addTo(group)
      return {
        add(usage, text) {
          texts.push(text)
          return add(usage, text)
        },
      }
    },
  }
}

/** Those that start something, and go on until it ends. */
function addRunning({ add }: Group, carry: Carry): void {
  add('start', startText).action((flags: Flags) =>
    carry(async (context) => (await import('./start.ts')).start(flags, context)),
  )
  add('dev <folder>', devText).action((folder: string, flags: DevFlags) =>
    carry(async (context) => (await import('./dev.ts')).dev(folder, flags, context)),
  )
  add('run', runText)
    .usage('[options] -- <command> [args...]')
    .argument('<command>')
    .argument('[args...]')
    .passThroughOptions()
    .action((command: string, args: string[], flags: RunFlags) =>
      carry(async (context) => (await import('./run.ts')).run(command, args, flags, context)),
    )
  add('names', namesText).action((flags: NamesFlags) =>
    carry(async (context) => (await import('./names.ts')).names(flags, context)),
  )
}

function addClosing({ add }: Group, carry: Carry): void {
  add('close [number...]', closeText).action((numbers: string[], flags: CloseFlags) =>
    carry(async (context) => (await import('./close.ts')).close(numbers, flags, context)),
  )
  add('prove <number>', proveText).action((number: string, flags: OperatorFlags) =>
    carry(async (context) => (await import('./prove.ts')).prove(number, flags, context)),
  )
}

function addOrders({ group, add }: Program, carry: Carry): void {
  const orders = group('orders', aboutOrders)
  orders
    .add('list', ordersListText)
    .action((flags: OrdersListFlags) =>
      carry(async (context) => (await import('./orders-list.ts')).listOrders(flags, context)),
    )
  orders
    .add('show <number>', ordersShowText)
    .action((number: string, flags: OperatorFlags) =>
      carry(async (context) => (await import('./orders-show.ts')).showOrder(number, flags, context)),
    )
  orders
    .add('watch', ordersWatchText)
    .action((flags: OperatorFlags) =>
      carry(async (context) => (await import('./orders-watch.ts')).watchOrders(flags, context)),
    )
  add('pay <number>', payText).action((number: string, flags: PayFlags) =>
    carry(async (context) => (await import('./pay.ts')).pay(number, flags, context)),
  )
  add('refund <number>', refundText).action((number: string, flags: RefundFlags) =>
    carry(async (context) => (await import('./refund.ts')).refund(number, flags, context)),
  )
}

function addCallbacks({ group }: Program, carry: Carry): void {
  const callbacks = group('callbacks', aboutCallbacks)
  callbacks
    .add('list', callbacksListText)
    .action((flags: CallbacksListFlags) =>
      carry(async (context) => (await import('./callbacks-list.ts')).listCallbacks(flags, context)),
    )
  callbacks
    .add('show <number>', callbacksShowText)
    .action((number: string, flags: OperatorFlags) =>
      carry(async (context) => (await import('./callbacks-show.ts')).showCallbacks(number, flags, context)),
    )
  callbacks
    .add('resend [number]', callbacksResendText)
    .action((number: string | undefined, flags: ResendFlags) =>
      carry(async (context) =>
        (await import('./callbacks-resend.ts')).resendCallbacks(number, flags, context),
      ),
    )
}

function addClock({ group }: Program, carry: Carry): void {
  const clock = group('clock', aboutClock)
  const moved = (command: ClockCommand, flags: OperatorFlags) =>
    carry(async (context) => (await import('./clock.ts')).clock(command, flags, context))
  clock.add('show', clockShowText).action((flags: OperatorFlags) => moved('show', flags))
  clock
    .add('advance <duration>', clockAdvanceText)
    .action((advance: string, flags: OperatorFlags) => moved({ advance }, flags))
  clock.add('set <time>', clockSetText).action((set: string, flags: OperatorFlags) => moved({ set }, flags))
  clock.add('freeze', clockFreezeText).action((flags: OperatorFlags) => moved('freeze', flags))
  clock.add('run', clockRunText).action((flags: OperatorFlags) => moved('run', flags))
  clock.add('next', clockNextText).action((flags: OperatorFlags) => moved('next', flags))
}

function addFaults({ group }: Program, carry: Carry): void {
  const faults = group('faults', aboutFaults)
  faults
    .add('list', faultsListText)
    .action((flags: OperatorFlags) =>
      carry(async (context) => (await import('./faults.ts')).listFaults(flags, context)),
    )
  faults
    .add('on <fault>', faultsOnText)
    .action((fault: string, flags: FaultFlags) =>
      carry(async (context) => (await import('./faults.ts')).switchFaultOn(fault, flags, context)),
    )
  faults
    .add('off <fault>', faultsOffText)
    .action((fault: string, flags: OperatorFlags) =>
      carry(async (context) => (await import('./faults.ts')).switchFaultsOff(fault, flags, context)),
    )
}

function addEnv({ group, add }: Program, carry: Carry): void {
  const env = group('env', aboutEnv)
  env
    .add('list', envListText)
    .action((flags: OperatorFlags) =>
      carry(async (context) => (await import('./env.ts')).listEnvironments(flags, context)),
    )
  env
    .add('show', envShowText)
    .action((flags: EnvFlags) =>
      carry(async (context) => (await import('./env.ts')).showEnvironment(flags, context)),
    )
  add('demo', demoText).action((flags: DemoFlags) =>
    carry(async (context) => (await import('./demo.ts')).demo(flags, context)),
  )
}

/** @returns ready to parse; faults are thrown as CommanderError and not printed */
export function program(language: Language, version: string, carry: Carry): Command {
  const opened = openProgram(language, version)
  addRunning(opened, carry)
  addOrders(opened, carry)
  addClosing(opened, carry)
  addCallbacks(opened, carry)
  addClock(opened, carry)
  addFaults(opened, carry)
  addEnv(opened, carry)
  return opened.cloudpay
}
