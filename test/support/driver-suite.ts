/** What every driver of the ledger's database promises (src/ledger/db/db.ts), asked of the one it is given. */
import { expect, test } from 'vitest'
import type { Db, Statements } from '../../src/ledger/db/db.ts'

/** The suite keeps its rows here, so that the tests of one driver may use it too. */
export const jars = 'create table jars (id bigint primary key, label text not null)'

export const countOf = async (where: Statements, id: number) =>
  (await where.rows<{ n: number }>('select count(*) n from jars where id = $1', [id]))[0]?.n

/** @param current the open database, with {@link jars} */
export function driverSuite(current: () => Db): void {
  const rows: Db['rows'] = (...statement) => current().rows(...statement)

  test('values come back in the types that the interface names', async () => {
    const [row] = await rows(
      `select 9007199254740991::bigint as int8, 5::integer as int4, true as bool, null::text as nothing,
         '2026-11-23 08:00:00.123+08'::timestamptz as at, '{"a": [1, null]}'::jsonb as json,
         '\\x00ff'::bytea as bytes, array['a', null, 'null', '', '"\\,{}'] as texts, array[1, null]::bigint[] as ints,
         array['{"a": 1}', null]::jsonb[] as jsons, array['\\x01'::bytea, null] as byteas,
         array['2026-11-23 00:00:00+00', null]::timestamptz[] as times, array[true, null] as bools`,
    )
    expect(row).toStrictEqual({
      int8: 9007199254740991,
      int4: 5,
      bool: true,
      nothing: null,
      at: new Date('2026-11-23T00:00:00.123Z'),
      json: { a: [1, null] },
      bytes: new Uint8Array([0, 255]),
      texts: ['a', null, 'null', '', '"\\,{}'],
      ints: [1, null],
      jsons: [{ a: 1 }, null],
      byteas: [new Uint8Array([1]), null],
      times: [new Date('2026-11-23T00:00:00Z'), null],
      bools: [true, null],
    })
  })

  test('an int8 beyond 2^53 is a number all the same', async () => {
    expect(await rows('select 9223372036854775807::bigint as n')).toEqual([{ n: 2 ** 63 }])
  })

  test('a batch of any types comes through unnest as it went in, nulls and all', async () => {
    const at = new Date('2026-11-23T00:00:00.001Z')
    const uuid = '018f0000-0000-7000-8000-000000000001'
    const text = '"茶", {\\} null'
    const answer = await rows(
      `select * from unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::jsonb[], $5::bigint[], $6::boolean[], $7::bytea[])
         with ordinality as asked(text, at, uuid, json, int8, bool, bytes, place) order by place`,
      [
        [text, null, ''],
        [at, null, at],
        [uuid, null, uuid],
        [JSON.stringify({ text, list: [1, 'a"b'] }), null, 'null'],
        [2 ** 53 - 1, null, -1],
        [true, null, false],
        [Buffer.from([1, 2]), null, new Uint8Array()],
      ],
    )
    expect(answer).toEqual([
      {
        text,
        at,
        uuid,
        json: { text, list: [1, 'a"b'] },
        int8: 2 ** 53 - 1,
        bool: true,
        bytes: new Uint8Array([1, 2]),
        place: 1,
      },
      { text: null, at: null, uuid: null, json: null, int8: null, bool: null, bytes: null, place: 2 },
      { text: '', at, uuid, json: null, int8: -1, bool: false, bytes: new Uint8Array(), place: 3 },
    ])
  })

  test('a batch of none is a batch', async () => {
    expect(await rows('select * from unnest($1::text[], $2::jsonb[])', [[], []])).toEqual([])
  })

  test('single values, and a list to look in, are parameters too', async () => {
    const asked = [true, 1.5, new Date(0), new Uint8Array([7]), null, '{"a":1}', ['x', 'y']]
    const [row] = await rows(
      `select $1::boolean as b, $2::float8 as f, $3::timestamptz as at, $4::bytea as bytes, $5::text as nothing,
         $6::jsonb as json, 'x' = any($7::text[]) as found`,
      asked,
    )
    expect(row).toEqual({
      b: true,
      f: 1.5,
      at: new Date(0),
      bytes: new Uint8Array([7]),
      nothing: null,
      json: { a: 1 },
      found: true,
    })
  })

  test('a parameter that no column takes is the caller’s mistake, and no failed statement', async () => {
    await expect(rows('select $1::text', [undefined])).rejects.toBeInstanceOf(TypeError)
    const answer = await current().transaction(async (tx) => {
      await tx.rows('select $1::text', [undefined]).catch(() => undefined)
      return tx.rows('select 1 as n')
    })
    expect(answer).toEqual([{ n: 1 }])
  })

  test('several statements without parameters are one transaction, and the last one answers', async () => {
    expect(await rows('select 1 as n; select 2 as n')).toEqual([{ n: 2 }])
    const broken = rows("insert into jars values (100, 'oolong'); select 1 / 0")
    await expect(broken).rejects.toMatchObject({ sqlstate: '22012' })
    expect(await countOf(current(), 100)).toBe(0)
  })

  test('a refusal carries its SQLSTATE, and no value that was sent', async () => {
    await rows("insert into jars values (101, 'pu-erh')")
    const twice = rows('insert into jars values ($1, $2)', [101, 'a secret'])
    await expect(twice).rejects.toMatchObject({ name: 'DatabaseError', sqlstate: '23505' })
    const error: unknown = await twice.catch((refused: unknown) => refused)
    expect(error instanceof Error && JSON.stringify([error, error.cause])).not.toContain('a secret')
  })

  test('a value of the wrong kind is a refusal, not the death of the database', async () => {
    await expect(rows('select $1::boolean', ['maybe'])).rejects.toMatchObject({ sqlstate: '22P02' })
    await expect(rows('select $1::bytea', ['\\xzz'])).rejects.toMatchObject({ sqlstate: '22023' })
    await expect(rows('select $1::text, $2::text', ['one'])).rejects.toMatchObject({ sqlstate: '08P01' })
    expect(await countOf(current(), 101)).toBe(1)
  })

  test('a statement that is planned anew each time answers the same', async () => {
    const ask = () => rows('select $1::integer + 1 as n', [1], { freshPlan: true })
    expect([await ask(), await ask()]).toEqual([[{ n: 2 }], [{ n: 2 }]])
  })

  test('a deadlock is tried again without anyone noticing', async () => {
    let times = 0
    const answer = await current().transaction(async (tx) => {
      times++
      if (times === 1) await tx.rows(`do $$ begin raise exception 'played' using errcode = '40P01'; end $$`)
      return tx.rows<{ n: number }>('select 1 as n')
    })
    expect({ answer, times }).toEqual({ answer: [{ n: 1 }], times: 2 })
  })

  test('a transaction is read committed, and all or nothing', async () => {
    const level = await current().transaction(async (tx) => {
      await tx.rows('insert into jars values ($1, $2)', [102, 'longjing'])
      return tx.rows('show transaction_isolation')
    })
    expect(level).toEqual([{ transaction_isolation: 'read committed' }])
    const undone = current().transaction(async (tx) => {
      await tx.rows('insert into jars values ($1, $2)', [103, 'biluochun'])
      await tx.rows('insert into jars values ($1, $2)', [102, 'again'])
    })
    await expect(undone).rejects.toMatchObject({ sqlstate: '23505' })
    expect([await countOf(current(), 102), await countOf(current(), 103)]).toEqual([1, 0])
  })

  test('a body that throws takes its rows back, and its error is passed on', async () => {
    const changedMyMind = new Error('no tea today')
    const asked = current().transaction(async (tx) => {
      await tx.rows('insert into jars values ($1, $2)', [104, 'sencha'])
      throw changedMyMind
    })
    await expect(asked).rejects.toBe(changedMyMind)
    expect(await countOf(current(), 104)).toBe(0)
  })

  test('a failure that the body swallows still fails the transaction', async () => {
    const asked = current().transaction(async (tx) => {
      await tx.rows('insert into jars values ($1, $2)', [105, 'matcha'])
      await tx.rows('select 1 / 0').catch(() => 'never mind')
    })
    await expect(asked).rejects.toMatchObject({ sqlstate: '22012' })
    expect(await countOf(current(), 105)).toBe(0)
  })

  test('a body that asks without waiting is answered in order, and committed with all it asked', async () => {
    await current().transaction(async (tx) => {
      await Promise.all(
        [106, 107, 108].map((id) => tx.rows('insert into jars values ($1, $2)', [id, 'mate'])),
      )
      void tx.rows("insert into jars values (109, 'rooibos')")
    })
    const [row] = await rows('select count(*) as n from jars where id between 106 and 109')
    expect(row).toEqual({ n: 4 })
    const asked = current().transaction(async (tx) => {
      await Promise.all([
        tx.rows('select 1 / 0'),
        tx.rows('insert into jars values ($1, $2)', [110, 'never there']),
      ])
    })
    await expect(asked).rejects.toMatchObject({ sqlstate: '22012' })
    expect(await countOf(current(), 110)).toBe(0)
  })

  test('a body that ends its transaction itself is told so', async () => {
    await expect(current().transaction((tx) => tx.rows('rollback'))).rejects.toThrow(
      'ended its transaction itself',
    )
    expect(await rows('select 1 as n')).toEqual([{ n: 1 }])
  })

  test('a transaction is over when its body is', async () => {
    const tx = await current().transaction(async (tx) => tx)
    await expect(tx.rows('select 1')).rejects.toThrow('over')
  })

  test('a body that uses the Db is told so, instead of waiting for itself', async () => {
    await expect(current().transaction(() => rows('select 1'))).rejects.toThrow('wait for itself')
  })
}
