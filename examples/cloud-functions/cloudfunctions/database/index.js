// Stands in for the cloud database, so that the example runs on a machine of its own. Not to be uploaded.
const books = import('../../../books.mjs')

exports.main = async ({ does, table, key, row }) => {
  const { insert, find, count } = await books
  if (does === 'insert') return insert(table, key, row)
  if (does === 'find') return (await find(table, key)) ?? null
  // Rows whose key is this one and a number: `tea-9-1` is none of `tea`.
  return count(table, (one) => one.slice(0, one.lastIndexOf('-')) === key)
}
