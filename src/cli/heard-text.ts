/** What became of telling the server whom this machine serves, in words. */
import type { Heard } from '../client/host-saying.ts'
import type { Text } from '../protocol/text.ts'

const away = (origin: string): Text => ({
  zh: `连不上 ${origin}，函数暂时收不到调用；会一直重试`,
  en: `cannot reach ${origin}, no calls arrive; trying again until it answers`,
})

const told = (origin: string): Text => ({
  zh: `已在 ${origin} 登记，可以调用了`,
  en: `registered at ${origin}, ready for calls`,
})

/** A server that asks for the administrator's token will not be told without it: nothing changes until one is given. */
export const isTurnedAway = (heard: Heard): boolean => heard.state === 'refused' && heard.status === 401

const turnedAway = (origin: string, adminToken: string | undefined): Text =>
  adminToken === undefined
    ? {
        zh: `${origin} 需要管理员令牌：请设置 CLOUDPAY_ADMIN_TOKEN 后重新启动`,
        en: `${origin} asks for the administrator's token: set CLOUDPAY_ADMIN_TOKEN and start again`,
      }
    : {
        zh: `CLOUDPAY_ADMIN_TOKEN 不是 ${origin} 的管理员令牌：请改正后重新启动`,
        en: `the token in CLOUDPAY_ADMIN_TOKEN is not that of ${origin}: mend it and start again`,
      }

/** @param adminToken that was given */
export function heardText(origin: string, heard: Heard, adminToken: string | undefined): Text {
  switch (heard.state) {
    case 'told':
      return told(origin)
    case 'away':
      return away(origin)
    case 'refused':
      return isTurnedAway(heard)
        ? turnedAway(origin, adminToken)
        : {
            zh: `${origin} 没有接受登记（HTTP ${heard.status}）：${heard.why}`,
            en: `${origin} did not accept the functions (HTTP ${heard.status}): ${heard.why}`,
          }
  }
}
