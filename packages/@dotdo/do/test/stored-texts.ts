// Everything that a tenant stores, as text: all rows of all tables, and the bytes of all files, with their compressed pages
// unpacked. Bytes that are no text become other characters.

import type { ObjectStore } from '@dotdo/db'
import { latin, textsIn } from './texts-in-bytes.ts'

/** Returns the places, such as `table log` and `file acme/manifest.json`, whose content has the text. */
export async function placesWith(
  text: string,
  stored: { readonly sql: SqlStorage; readonly files: ObjectStore },
): Promise<readonly string[]> {
  const places: string[] = []
  for (const name of tablesOf(stored.sql))
    if (textOfTable(stored.sql, name).includes(text)) places.push(`table ${name}`)
  for (const key of await keysOf(stored.files)) {
    const bytes = await stored.files.get(key)
    if (bytes !== undefined && textsIn(bytes).some((part) => part.includes(text))) places.push(`file ${key}`)
  }
  return places
}

function tablesOf(sql: SqlStorage): readonly string[] {
  return sql
    .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '_cf_%'")
    .toArray()
    .map(({ name }) => name)
}

function textOfTable(sql: SqlStorage, name: string): string {
  const quoted = `"${name.replaceAll('"', '""')}"`
  const rows = [...sql.exec(`SELECT * FROM ${quoted}`).raw<SqlStorageValue[]>()]
  return rows
    .map((row) =>
      row.map((value) => (value instanceof ArrayBuffer ? latin(new Uint8Array(value)) : String(value))).join(' '),
    )
    .join('\n')
}

async function keysOf(files: ObjectStore): Promise<readonly string[]> {
  const keys: string[] = []
  for (;;) {
    const { objects, hasMore } = await files.list({ prefix: '', after: keys.at(-1) ?? '', limit: 1_000 })
    keys.push(...objects.map(({ key }) => key))
    if (!hasMore) return keys
  }
}
