/** Why the ledger does not open, said for people: its typed refusals become texts that stop the program. */
import { DataFolderRefused } from '../ledger/db/data-folder.ts'
import { SchemaRefused } from '../ledger/db/migrate.ts'
import { EnvironmentRefused } from '../ledger/environments.ts'
import { PartsRefused } from '../ledger/parts.ts'
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
      return dataFolderInUse(folder, refused)
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

function schemaRefused(refused: SchemaRefused, folder: string): StartRefused {
  if (refused.reason === 'made-by-newer') return dataFolderFromNewerVersion(folder, refused)
  return new StartRefused(
    {
      zh: `数据目录 ${folder} 的表结构与本程序不符（迁移 ${refused.id}）。请使用正式发布的版本，或用 --data 指定其他目录。`,
      en: `The schema in the data folder ${folder} is not the one of this program (migration ${refused.id}). Use a released version, or choose another folder with --data.`,
    },
    { cause: refused },
  )
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
      zh: `账本已分成 ${refused.parts} 份并有订单，份数不能再改。请去掉 --parts（CLOUDPAY_PARTS），或改为 ${refused.parts}。`,
      en: `The ledger has ${refused.parts} parts and orders in them, and their number cannot change. Leave out --parts (CLOUDPAY_PARTS), or set it to ${refused.parts}.`,
    },
    { cause: refused },
  )

/** @param folder of the data; anything unforeseen comes back as it is */
export function ledgerRefused(error: unknown, folder: string): unknown {
  if (error instanceof DataFolderRefused) return folderRefused(error)
  if (error instanceof SchemaRefused) return schemaRefused(error, folder)
  if (error instanceof PartsRefused) return partsRefused(error)
  if (error instanceof EnvironmentRefused) return environmentRefused(error)
  return error
}
