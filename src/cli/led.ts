/** Written-in names, led here for a program that this command starts. */
import { type LedNames, leadNames } from '../client/led-names.ts'
import type { Context } from './context.ts'
import { notLed } from './entry-refusals.ts'

/** @throws StartRefused */
export async function led(
  origin: string,
  { variables, warn }: Pick<Context, 'variables' | 'warn'>,
): Promise<LedNames> {
  try {
    return await leadNames(origin, variables, { onTrouble: warn })
  } catch (error) {
    throw notLed(error)
  }
}
