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

function refused(origin: string, { status, why }: Extract<Heard, { state: 'refused' }>): Text {
  if (status === 401)
    return {
      zh: `${origin} 需要管理员令牌：请设置 CLOUDPAY_ADMIN_TOKEN 后重新启动（${why}）`,
      en: `${origin} asks for the administrator's token: set CLOUDPAY_ADMIN_TOKEN and start again (${why})`,
    }
  return {
    zh: `${origin} 没有接受登记（HTTP ${status}）：${why}`,
    en: `${origin} did not accept the functions (HTTP ${status}): ${why}`,
  }
}

export const heardText = (origin: string, heard: Heard): Text => {
  switch (heard.state) {
    case 'told':
      return told(origin)
    case 'away':
      return away(origin)
    case 'refused':
      return refused(origin, heard)
  }
}
