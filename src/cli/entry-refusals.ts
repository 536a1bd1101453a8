/** Why names cannot be led here: what the system refused, in words. Owns the texts. */
import { codeOf, StartRefused } from '../app/refusals.ts'

/** The two ports that names without a port mean. */
export type EntryFlag = '--http' | '--https'

/** What listening on a port failed with; anything unforeseen comes back as it is. */
export function entryRefused(error: unknown, flag: EntryFlag, port: number): unknown {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') {
    return new StartRefused(
      {
        zh: `127.0.0.1 的端口 ${port} 已被占用（多半是本机的网站服务）。请停掉占用它的程序；或用 ${flag} 换一个端口，再把 ${port} 转到那里。`,
        en: `Port ${port} on 127.0.0.1 is in use, probably by a web server of this machine. Stop it, or choose another port with ${flag} and forward ${port} to it.`,
      },
      { cause: error },
    )
  }
  if (code !== 'EACCES' && code !== 'EPERM') return error
  return new StartRefused(
    {
      zh: `没有权限监听 127.0.0.1 的端口 ${port}（${code}）。1024 以下的端口需要管理员权限：用 sudo 运行本命令，或在容器里运行；Linux 也可执行 sudo sysctl net.ipv4.ip_unprivileged_port_start=80；或用 ${flag} 换一个端口，再把 ${port} 转到那里。`,
      en: `This user may not listen on port ${port} of 127.0.0.1 (${code}). Ports below 1024 need rights: run this with sudo, or inside a container; on Linux, sudo sysctl net.ipv4.ip_unprivileged_port_start=80 also does; or choose another port with ${flag} and forward ${port} to it.`,
    },
    { cause: error },
  )
}

/** `run` goes no further then: the program would reach the real WeChat Pay. */
export function notLed(error: unknown): unknown {
  const code = codeOf(error)
  if (code === '') return error
  return new StartRefused(
    {
      zh: `无法为命令准备临时目录和本机端口（${code}），命令没有运行，以免它连到真实的微信支付。请检查临时目录（TMPDIR）是否可写。`,
      en: `No temporary folder and port could be had for the command (${code}); it was not run, for it might reach the real WeChat Pay. See whether the folder for temporary files (TMPDIR) can be written.`,
    },
    { cause: error },
  )
}
