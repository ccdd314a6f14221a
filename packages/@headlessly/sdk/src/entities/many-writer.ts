// Writes of many entities of one Noun, each on its own.

import { callSite } from '../base/call-site.ts'
import { checkOptions } from '../base/check-options.ts'
import { makeKey } from '../calls/make-key.ts'
import { parseRowId } from '../calls/parse-answer.ts'
import type { PlannedCall } from '../calls/planned-call.ts'
import type { EntityCalls } from './entity-calls.ts'
import type { ManyOptions, Rows } from './entity-methods.ts'
import type { EntityReader } from './entity-reader.ts'
import { type Data, type EntityWriter, signalIn, type Written } from './entity-writer.ts'
import { manyMax, tooMany, writeMany } from './write-many.ts'

const manyOptions = { idempotencyKey: 'string', signal: 'signal' } as const

export class ManyWriter {
  readonly #calls: EntityCalls
  readonly #reader: EntityReader
  readonly #writer: EntityWriter

  constructor(of: { readonly calls: EntityCalls; readonly reader: EntityReader; readonly writer: EntityWriter }) {
    this.#calls = of.calls
    this.#reader = of.reader
    this.#writer = of.writer
  }

  async createMany(rows: Rows<Data>, options: ManyOptions = {}): Promise<unknown[]> {
    this.#check('createMany', options)
    const key = options.idempotencyKey ?? makeKey()
    const toWrite = (data: Data, at: number): Written => ({
      data,
      options: { ...options, idempotencyKey: `${key}.${at}` },
    })
    return this.#writeMany(rows, { method: 'createMany', verb: 'create', toWrite })
  }

  async updateMany(call: { filter: object; data: Data; options: ManyOptions | undefined }): Promise<unknown[]> {
    const { filter, data, options = {} } = call
    this.#check('updateMany', options)
    const key = options.idempotencyKey ?? makeKey()
    // Collects all ids before the first change, since a change may move an entity into or out of the filter.
    const ids: string[] = []
    for await (const row of this.#reader.find(filter, { ...options, fields: ['$id'], sort: '$id', strong: true })) {
      ids.push(parseRowId(row))
      if (ids.length > manyMax) throw tooMany(this.#calls.called('updateMany'), `got ${ids.length}`)
    }
    const toWrite = (id: string): Written => ({ id, data, options: { ...options, idempotencyKey: `${key}.${id}` } })
    return this.#writeMany(ids, { method: 'updateMany', verb: 'update', toWrite })
  }

  #writeMany<Item>(
    items: Rows<Item>,
    many: { readonly method: string; readonly verb: string; readonly toWrite: (item: Item, at: number) => Written },
  ): Promise<unknown[]> {
    const { method, verb, toWrite } = many
    const site = callSite()
    const plan = (item: Item, at: number): PlannedCall => {
      const given = toWrite(item, at)
      return this.#calls.plan(() => this.#writer.draft(verb, given), { signal: signalIn(given.options), site })
    }
    return writeMany(items, { what: this.#calls.called(method), site, plan })
  }

  #check(method: string, options: unknown): void {
    checkOptions(options, { what: this.#calls.called(method), kinds: manyOptions })
  }
}
