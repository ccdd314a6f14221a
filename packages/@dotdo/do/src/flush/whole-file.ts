// A file with all entities of a small Noun as of one event: its Iceberg table is that file, and programs that know no
// Iceberg read it under a fixed name.

import { type Column, entityRowToValue, type EntityRow, FileWriter, type WrittenFile } from '@dotdo/db'
import type { NounSchema } from 'digital-objects'
import type { NounTable } from '../state/noun-table.ts'
import type { StateReader } from '../state/state-reader.ts'
import { readBaseGroup } from './base-rows.ts'
import { nextTask } from '../base/next-task.ts'

export async function writeWholeFile(options: {
  readonly sql: SqlStorage
  readonly state: StateReader
  /** Is undefined if no entity was ever written. */
  readonly table: NounTable | undefined
  readonly schema: NounSchema
  readonly columns: readonly Column[]
  readonly seq: number
}): Promise<WrittenFile> {
  const { sql, state, table, schema, columns, seq } = options
  const writer = new FileWriter<EntityRow>({
    columns,
    toValue: entityRowToValue,
    facts: { 'headlessly.noun': schema.name, 'headlessly.noun.version': schema.version },
  })
  if (table === undefined) return writer.finish()
  for (let afterId = ''; ;) {
    const group = readBaseGroup({ sql, state, table, seq, afterId })
    if (group === undefined) return writer.finish()
    afterId = group.lastId
    await nextTask()
    if (group.rows.length > 0) writer.addGroup(group.rows)
    await nextTask()
  }
}
