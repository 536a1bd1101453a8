/** Nobody answers at the server's address: what that is told as. */
import type { Text } from '../protocol/text.ts'

/** @param start what starts a server there; undefined: it is another machine's */
export const unreachableText = (origin: string, start: string | undefined): Text =>
  start === undefined
    ? {
        zh: `连不上 ${origin}，请确认服务在那里运行，或用 --url 指明地址`,
        en: `cannot reach ${origin}: see whether the server runs there, or name it with --url`,
      }
    : {
        zh: `连不上 ${origin}，请先启动服务（${start}），或用 --url 指明地址`,
        en: `cannot reach ${origin}: start the server (${start}), or name it with --url`,
      }
