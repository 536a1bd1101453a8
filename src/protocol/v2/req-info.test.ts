import { expect, test } from 'vitest'
import { openReqInfo, sealReqInfo } from './req-info.ts'

const apiKey = '192006250b4c09247ec02edce69f6a2d'

test.each([
  ['a short text', '<root><a>1</a></root>', 'KLXHweJYll5Krv4t/KU2x9Q04vPBZDA/w58/z363rww='],
  // A whole block of padding follows: leaving it out, as one client library does, is not PKCS#7.
  ['a text of exactly one block', '<root>0123</root', 'r9dmPMZlpU2Why6nyxoZo/wXAd2fVvyZUPuCqJRycuk='],
  [
    'a notice',
    [
      '<root>',
      '<out_refund_no><![CDATA[131811191610442717309]]></out_refund_no>',
      '<out_trade_no><![CDATA[71106718111915575302817]]></out_trade_no>',
      '<refund_fee><![CDATA[3960]]></refund_fee>',
      '<refund_status><![CDATA[SUCCESS]]></refund_status>',
      '</root>',
    ].join('\n'),
    '4gS8kbcHysCW7bHqyEU0M4GTNkgJQP6/zKHbA/E3CvwLlNgCKUkGRy0OpONZjd4saggSnB6Fr7dHRYn6tvu8XDRU6t9IC3GuUKHs3SXmFKkm5cy3YR0oWIZFU4C5LV9LU7U3hwvUSZNx1QcFQXX9yZz68Wq8pwf/DeZ6iOXy/XRulylo75C7n0p3dMm/yJamJGzzwlskoJkDGsFojhfi6Bw2E/tMDlKRgEjYQ36wCCbHY4rX/S2Qu2fq+CB/xYn6FrV+P4SiuCd3Hd83F/coBhrcs+CyO9mDFp5jKuFXTkqXV+8KknSbbMQfY/5ecyLT',
  ],
])('%s is sealed as the worked example, and opened again', (_what, plain, sealed) => {
  expect(sealReqInfo(plain, apiKey)).toBe(sealed)
  expect(openReqInfo(sealed, apiKey)).toBe(plain)
})

test('another key does not open it', () => {
  expect(() => openReqInfo(sealReqInfo('<root></root>', apiKey), `${apiKey}x`)).toThrow()
})
