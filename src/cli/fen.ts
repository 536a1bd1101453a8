/** Amounts as flags: whole fen, as everywhere in the protocol. */
import { brokenSetting } from '../app/refusals.ts'

/** @throws StartRefused */
export function readFen(flag: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  if (/^[1-9]\d{0,9}$/.test(given)) return Number(given)
  throw brokenSetting(flag, given, {
    zh: '金额以分为单位，应为正整数：9.90 元是 990',
    en: 'amounts are in fen, whole numbers above 0: 9.90 CNY is 990',
  })
}
