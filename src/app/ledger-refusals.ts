/** Why the ledger does not open, said for people: its typed refusals become texts that stop the program. */
import { DataFolderRefused } from '../ledger/db/data-folder.ts'
import { DatabaseUnusable, oldestServer } from '../ledger/db/database-unusable.ts'
import { DatabaseError } from '../ledger/db/db.ts'
import { SchemaRefused } from '../ledger/db/migrate.ts'
import { EnvironmentRefused } from '../ledger/environments.ts'
import { PartsRefused } from '../ledger/parts.ts'
import type { Text } from '../protocol/text.ts'
import {
  dataFolderFromNewerVersion,
  dataFolderInUse,
  dataFolderIsFile,
  dataFolderNotWritable,
  StartRefused,
} from './refusals.ts'

function folderRefused(refused: DataFolderRefused): StartRefused {
  const { reason, folder } = refused
  switch (reason) {
    case 'not-a-folder':
      return dataFolderIsFile(folder, refused)
    case 'not-writable':
      return dataFolderNotWritable(folder, refused.cause)
    case 'in-use':
      return dataFolderInUse(folder, refused.pid, refused)
    case 'not-a-database':
    case 'does-not-start':
      return new StartRefused(
        {
          zh: `数据目录 ${folder} 中的数据库无法打开：内容不是本程序的数据库，或已损坏。请恢复备份，或用 --data 指定其他目录。`,
          en: `The database in the data folder ${folder} does not open: it is not this program's, or is damaged. Restore a backup, or choose another folder with --data.`,
        },
        { cause: refused },
      )
  }
}

/** Of a PostgreSQL; the embedded one's schema is nobody else's. */
const notOurs = (refused: SchemaRefused) =>
  new StartRefused(
    {
      zh: `数据库中已有其他程序的表（${refused.message}）。请为 OpenCloudPay 单独建立一个空数据库，并修改 DATABASE_URL。`,
      en: `The database holds another program's tables (${refused.message}). Make an empty one for OpenCloudPay alone, and change DATABASE_URL.`,
    },
    { cause: refused },
  )

/** What the database refused while its schema was made ready: rights, most of the time. */
const preparationRefused = (refused: DatabaseError) =>
  new StartRefused(
    {
      zh: `数据库拒绝了建表（${refused.sqlstate}：${refused.message}）。DATABASE_URL 的用户须能在其模式中建表：请让它成为该数据库的所有者，或授予 CREATE 权限。`,
      en: `The database refused to make the tables (${refused.sqlstate}: ${refused.message}). The user of DATABASE_URL must be able to create tables in its schema: make it the database's owner, or grant it CREATE.`,
    },
    { cause: refused },
  )

function schemaRefused(refused: SchemaRefused, folder: string): StartRefused {
  if (refused.reason === 'not-ours') return notOurs(refused)
  if (refused.reason === 'made-by-newer') return dataFolderFromNewerVersion(folder, refused)
  return new StartRefused(
    {
      zh: `数据目录 ${folder} 的表结构与本程序不符（迁移 ${refused.id}）。请使用正式发布的版本，或用 --data 指定其他目录。`,
      en: `The schema in the data folder ${folder} is not the one of this program (migration ${refused.id}). Use a released version, or choose another folder with --data.`,
    },
    { cause: refused },
  )
}

function databaseRefused(refused: DatabaseUnusable): StartRefused {
  const { reason, where = '' } = refused
  const texts: Record<typeof reason, Text> = {
    'bad-url': {
      zh: 'DATABASE_URL 不是有效的连接地址，应形如 postgres://用户:密码@主机:5432/数据库（用户名和密码中的特殊字符写成 %XX）。',
      en: 'DATABASE_URL is no address of the form postgres://user:password@host:5432/database (special characters in user and password as %XX).',
    },
    unreachable: {
      zh: `连不上数据库 ${where}。请确认 PostgreSQL 已启动，DATABASE_URL 的主机、端口和 sslmode 正确。`,
      en: `The database ${where} cannot be reached. See that PostgreSQL runs, and that host, port and sslmode in DATABASE_URL are right.`,
    },
    'not-let-in': {
      zh: `数据库 ${where} 拒绝登录。请检查 DATABASE_URL 中的用户名和密码，以及服务器的 pg_hba.conf。`,
      en: `The database ${where} does not let this user in. Check user and password in DATABASE_URL, and the server's pg_hba.conf.`,
    },
    'no-database': {
      zh: `服务器上没有数据库 ${where}。请先建立它（createdb），或修改 DATABASE_URL。`,
      en: `The server has no database ${where}. Make it (createdb), or change DATABASE_URL.`,
    },
    'too-old': {
      zh: `数据库 ${where} 的版本过旧，需要 PostgreSQL ${oldestServer} 或更高版本。`,
      en: `The database ${where} is too old: PostgreSQL ${oldestServer} or newer is needed.`,
    },
    'not-utf8': {
      zh: `数据库 ${where} 的编码不是 UTF8。请以 UTF8 编码新建数据库（createdb -E UTF8）。`,
      en: `The encoding of the database ${where} is not UTF8. Make one that is (createdb -E UTF8).`,
    },
  }
  return new StartRefused(texts[reason], { cause: refused })
}

const environmentRefused = (refused: EnvironmentRefused) =>
  new StartRefused(
    {
      zh: `环境 ${refused.envId} 建立时 clock 为 "${refused.was}"，之后不能更改。请改回原值，或换一个 envId。`,
      en: `Environment ${refused.envId} was made with clock "${refused.was}", which cannot change. Put it back, or choose another envId.`,
    },
    { cause: refused },
  )

const partsRefused = (refused: PartsRefused) =>
  new StartRefused(
    {
      zh: `账本在首次启动时已定为 ${refused.parts} 份，不能再改。请去掉 --parts（CLOUDPAY_PARTS），或改为 ${refused.parts}。`,
      en: `The ledger's number of parts was set to ${refused.parts} when it was first started, and cannot change. Leave out --parts (CLOUDPAY_PARTS), or set it to ${refused.parts}.`,
    },
    { cause: refused },
  )

/** @param folder of the data; anything unforeseen comes back as it is */
export function ledgerRefused(error: unknown, folder: string): unknown {
  if (error instanceof DataFolderRefused) return folderRefused(error)
  if (error instanceof DatabaseUnusable) return databaseRefused(error)
  if (error instanceof DatabaseError && /^(?:42501|3F000)$/.test(error.sqlstate))
    return preparationRefused(error)
  if (error instanceof SchemaRefused) return schemaRefused(error, folder)
  if (error instanceof PartsRefused) return partsRefused(error)
  if (error instanceof EnvironmentRefused) return environmentRefused(error)
  return error
}
