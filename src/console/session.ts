/**
 * Whom this page speaks for: the administrator's token, where the server asks for one, and the environment that is looked
 * at. The token is kept for this tab alone, and nowhere but there.
 */
import { computed, signal } from '@preact/signals'
import { type ApiEnvironments, CloudPay, CloudPayRefused } from '../client/index.ts'
import { demoEnvId } from '../protocol/demo-merchant.ts'
import { keep, kept } from './kept.ts'
import { language } from './language.ts'

const tokenName = 'opencloudpay.token'

export const token = signal<string | undefined>(sessionStorage.getItem(tokenName) ?? undefined)

/** The server wants a token, or another one. `wrong`: the one that was given is none. */
export const signIn = signal<'no' | 'wanted' | 'wrong'>('no')

/** What a header can carry; nothing else is a token of any server. */
const couldBeToken = (text: string) => /^[\x21-\x7e]+$/.test(text)

export function giveToken(given: string): void {
  if (!couldBeToken(given)) {
    signIn.value = 'wrong'
    return
  }
  sessionStorage.setItem(tokenName, given)
  token.value = given
  signIn.value = 'no'
}

export function forgetToken(): void {
  sessionStorage.removeItem(tokenName)
  token.value = undefined
  signIn.value = 'wanted'
}

/** Only once the server has said which there are is it sure that this one is among them. */
export const envId = signal(kept('environment') ?? demoEnvId)
/** Whether that was asked: nothing else is asked for before. */
export const isEnvironmentKnown = signal(false)

export function chooseEnvironment(chosen: string): void {
  keep('environment', chosen)
  envId.value = chosen
}

/** All that the server has, once it has said so. */
export const environments = signal<ApiEnvironments['environments']>([])
export const version = signal('')
/** How the command line is called where the server runs, as the server says. */
export const program = signal('npx opencloudpay')

export const environment = computed(() => environments.value.find((one) => one.envId === envId.value))

const options = () => ({
  baseUrl: location.origin,
  token: token.value,
  envId: envId.value,
  client: 'console',
  language: language.value,
})

export const client = computed(() => new CloudPay(options()))

/** Asks once, as the SDK does: asked again by itself it would hide what a fault does to a call. */
export const askingOnce = computed(() => new CloudPay({ ...options(), retryPausesMs: [] }))

/** Whether somebody has to sign in first; whoever asked need not say more. */
export function isTurnedAway(error: unknown): boolean {
  const turned = error instanceof CloudPayRefused && error.status === 401
  if (turned) signIn.value = token.value === undefined ? 'wanted' : 'wrong'
  return turned
}
