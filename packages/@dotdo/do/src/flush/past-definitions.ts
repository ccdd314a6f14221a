// Maps an event's fields to the present definition. An event was written by the definition of its time, and a field
// whose storage class has changed since is another field.

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
  /** Storage classes by Noun and version of its definition. */
  readonly #known = new Map<string, Classes>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Returns the fields written under an old definition that the present one still has, with the same storage class. */
  fieldsToday(schema: NounSchema, written: { readonly version: string; readonly fields: EntityFields }): EntityFields {
    const { version, fields } = written
    if (version === schema.version) return fields
    const then = this.#classesOf(schema.name, version)
    const now = classesOf(schema)
    return Object.fromEntries(
      Object.entries(fields).filter(([name]) => now.has(name) && then.get(name) === now.get(name)),
    )
  }

  /** Returns the other fields with their columns. */
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
    assert(row !== undefined, `definition ${version} of ${noun} is stored with its first event`)
    const classes = classesOf(JSON.parse(row.definition) as NounSchema) // only `ensureTable` stores it
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
