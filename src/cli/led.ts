/** Written-in names, led here for a program that this command starts. */
import { type LedNames, leadNames } from '../client/led-names.ts'
import type { Variables } from '../client/without-proxy.ts'
import { notLed } from './entry-refusals.ts'
import { warn } from './warn.ts'

/** @throws StartRefused */
export async function led(origin: string, own: Variables): Promise<LedNames> {
  try {
    return await leadNames(origin, own, { onTrouble: warn })
  } catch (error) {
    throw notLed(error)
  }
}
