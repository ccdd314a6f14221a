// The columns of an exported table, from the description of an entity type as its caller sees it.

import type { PlainColumn, PlainType } from '@dotdo/db'
import { isObject } from 'digital-objects'

const metaColumns: readonly PlainColumn[] = [
  { name: '$id', type: 'text' },
  { name: '$type', type: 'text' },
  { name: '$version', type: 'number' },
  { name: '$createdAt', type: 'time' },
  { name: '$createdBy', type: 'text' },
  { name: '$updatedAt', type: 'time' },
]

const plainTypes: Readonly<Record<string, PlainType>> = {
  number: 'number',
  integer: 'number',
  money: 'number',
  boolean: 'boolean',
  datetime: 'time',
  json: 'json',
}

/** `included` are the relations whose entities stand in place of ids. */
export function exportColumns(schema: unknown, included: readonly string[]): readonly PlainColumn[] {
  const fields = isObject(schema) && Array.isArray(schema['fields']) ? schema['fields'].filter(isObject) : []
  const columns = fields.flatMap(({ name, kind, type, many }): readonly PlainColumn[] => {
    if (typeof name !== 'string') return []
    if (included.includes(name)) return [{ name, type: 'json' }]
    if (kind === 'reverse') return []
    return [{ name, type: many === true ? 'json' : (plainTypes[String(type)] ?? 'text') }]
  })
  return [...metaColumns, ...columns]
}
