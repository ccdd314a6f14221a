// Everything that a tenant stores, as text: all rows of all tables, and the bytes of all files, with their compressed pages
// unpacked. Bytes that are no text become other characters.

import { gunzipSync } from 'node:zlib'
import type { ObjectStore } from '@dotdo/db'

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

/** The bytes as they are, and whatever is unpacked from each place where a compressed page may begin. */
export function textsIn(bytes: Uint8Array): readonly string[] {
  const texts = [latin(bytes)]
  for (let at = bytes.indexOf(0x1f); at >= 0; at = bytes.indexOf(0x1f, at + 1)) {
    if (bytes[at + 1] !== 0x8b || bytes[at + 2] !== 8) continue
    const page = unpacked(bytes.subarray(at))
    if (page !== undefined) texts.push(latin(page))
  }
  return texts
}

function unpacked(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(bytes)
  } catch {
    return trailing(bytes)
  }
}

/** Other bytes follow a page, which some decoders refuse: its length is not known, so the ends are tried where pages end. */
function trailing(bytes: Uint8Array): Uint8Array | undefined {
  for (let end = 18; end <= bytes.length; end++) {
    // A page ends with the length of its content, which is small here.
    if (bytes[end - 1] !== 0 && end < bytes.length) continue
    try {
      return gunzipSync(bytes.subarray(0, end))
    } catch {
      // A shorter prefix is no whole page.
    }
  }
  return undefined
}

function latin(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
