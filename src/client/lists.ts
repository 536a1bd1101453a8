/** Lists of the API, item by item or page by page; what is not looked at is not asked for. */
import type { z } from 'zod'
import type { DeepCamel } from '../protocol/api/deep-keys.ts'
import { ask, type Call, type Server } from './ask.ts'

interface Page {
  readonly next_cursor?: string | undefined
}

interface Listed<Schema extends z.ZodType<Page>, Item> {
  readonly path: string
  readonly query: NonNullable<Call['query']>
  readonly schema: Schema
  readonly itemsOf: (page: DeepCamel<z.output<Schema>>) => readonly Item[]
}

const cursorOf = (page: object): string | undefined => {
  const cursor: unknown = Reflect.get(page, 'nextCursor')
  return typeof cursor === 'string' ? cursor : undefined
}

/** The newest come first. */
export class List<Schema extends z.ZodType<Page>, Item> implements AsyncIterable<Item> {
  readonly #server: Server
  readonly #listed: Listed<Schema, Item>
  readonly #signal: AbortSignal | undefined

  constructor(server: Server, listed: Listed<Schema, Item>, signal: AbortSignal | undefined) {
    this.#server = server
    this.#listed = listed
    this.#signal = signal
  }

  /** @param cursor `nextCursor` of the page before; left out: the first page */
  page(cursor?: string): Promise<DeepCamel<z.output<Schema>>> {
    const { path, query, schema } = this.#listed
    return ask(this.#server, { path, repeatable: 'reads', query: { ...query, cursor } }, schema, this.#signal)
  }

  async *pages(): AsyncGenerator<DeepCamel<z.output<Schema>>> {
    let cursor: string | undefined
    do {
      const page = await this.page(cursor)
      yield page
      cursor = typeof page === 'object' && page !== null ? cursorOf(page) : undefined
    } while (cursor !== undefined)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for await (const page of this.pages()) yield* this.#listed.itemsOf(page)
  }
}
