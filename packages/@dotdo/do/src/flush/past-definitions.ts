// What an event's entity is by the definition of today: an event says it by the definition of its time, and a field
// whose storage class is another one since is another field.

import {
  assert,
  type EntityFields,
  type JsonValue,
  type NounSchema,
  type StorageClass,
  storageClassOf,
} from 'digital-objects'
import type { Column } from '../state/column.ts'

type Classes = ReadonlyMap<string, StorageClass>

export class PastDefinitions {
  readonly #sql: SqlStorage
  /** By Noun and version of its definition. */
  readonly #known = new Map<string, Classes>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Of fields that were written under a version of the Noun's definition, those that it still has, stored as then. */
  fieldsToday(schema: NounSchema, written: { readonly version: string; readonly fields: EntityFields }): EntityFields {
    const { version, fields } = written
    if (version === schema.version) return fields
    const then = this.#classesOf(schema.name, version)
    const now = classesOf(schema)
    return Object.fromEntries(
      Object.entries(fields).filter(([name]) => now.has(name) && then.get(name) === now.get(name)),
    )
  }

  /** The others of them, with the columns that they are in. */
  fieldsGone(
    schema: NounSchema,
    written: { readonly version: string; readonly fields: EntityFields },
  ): readonly { readonly column: Pick<Column, 'name' | 'storage'>; readonly value: JsonValue }[] {
    const { version, fields } = written
    if (version === schema.version) return []
    const then = this.#classesOf(schema.name, version)
    const today = this.fieldsToday(schema, written)
    return Object.entries(fields).flatMap(([name, value]) => {
      const storage = then.get(name)
      if (storage === undefined || value === undefined || Object.hasOwn(today, name)) return []
      return [{ column: { name: `${name}:${storage}`, storage }, value }]
    })
  }

  #classesOf(noun: string, version: string): Classes {
    const key = `${noun} ${version}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const query = 'SELECT definition FROM nouns WHERE name = ? AND version = ?'
    const [row] = this.#sql.exec<{ definition: string }>(query, noun, version).toArray()
    assert(row !== undefined, `definition ${version} of ${noun} is kept with its first event`)
    const classes = classesOf(JSON.parse(row.definition) as NounSchema) // only `ensureTable` puts it there
    this.#known.set(key, classes)
    return classes
  }
}

function classesOf(schema: NounSchema): Classes {
  return new Map(
    Object.values(schema.fields).flatMap((field) =>
      field.kind === 'reverse' ? [] : [[field.name, storageClassOf(field)] as const],
    ),
  )
}
