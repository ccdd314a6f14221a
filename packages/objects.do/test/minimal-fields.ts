// Fields with which an entity of a Noun can be created, for tests that go through all Nouns.

import type { JsonValue, NounSchema } from 'digital-objects'

let made = 0

/** A value for each required field, unique where it has to be, and the given ones. `idOf` returns an entity of a Noun. */
export function minimalFields(
  schema: NounSchema,
  given: Readonly<Record<string, JsonValue>>,
  idOf: (noun: string) => string | undefined = () => undefined,
): Record<string, JsonValue> {
  made++
  const fields = Object.values(schema.fields).flatMap((field) => {
    if (field.kind === 'reference' && field.required) {
      const id = field.to.map(idOf).find((one) => one !== undefined)
      return id === undefined ? [] : [[field.name, field.many ? [id] : id] as const]
    }
    if (field.kind !== 'data' || !field.required || field.default !== undefined) return []
    return [[field.name, valueOf(schema.name, field)] as const]
  })
  return { ...Object.fromEntries(fields), ...given }
}

function valueOf(noun: string, { type, unique }: { readonly type: string; readonly unique: boolean }): JsonValue {
  if (type === 'email') return `${noun}${made}@example.com`.toLowerCase()
  if (type === 'url') return 'https://example.com'
  if (type === 'datetime') return '2026-01-01T00:00:00.000Z'
  if (['number', 'integer', 'money'].includes(type)) return 1
  return unique ? `${noun}${made}` : `a ${noun}`
}
