import type { Text } from '../../protocol/text.ts'

interface Amounts {
  readonly notANumber: Text
  readonly tooFine: Text
  readonly nothing: Text
  readonly tooMuch: Text
}

export const amounts: Amounts = {
  notANumber: { zh: '请填金额，例如 9.90', en: 'An amount, such as 9.90' },
  tooFine: { zh: '最多两位小数', en: 'Two decimals at most' },
  nothing: { zh: '至少 0.01 元', en: 'At least ¥0.01' },
  tooMuch: { zh: '单笔最多 {most}', en: 'One order is {most} at most' },
}
