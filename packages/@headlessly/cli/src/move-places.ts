// The place of each entity of an archive in a tenant that has data: its own id if that is new here, that of the entity that it already is,
// or an id made of its own.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { anyEntity, type Client } from '@headlessly/sdk'
import { isPlainObject, type NounSchema, tryParseJson } from 'digital-objects'

export type Row = Readonly<Record<string, unknown>>

export interface Place {
  readonly id: string
  /** `new` here, under its own id or a `mapped` one; or it is an entity that is `here`: moved before, or of the same unique value. */
  readonly kind: 'new' | 'mapped' | 'moved' | 'here'
}

/** Ids that are looked up in one message. */
const idsPerMessage = 100
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** Characters of an id after its prefix that say when it was made. */
const timeCharacters = 6

export async function* rowsIn(file: string): AsyncGenerator<Row> {
  // Only LF ends a line of NDJSON, and JSON has no CR outside of texts.
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const row = tryParseJson(line)
    if (isPlainObject(row)) yield row
  }
}

/** Adds the places of all entities of one type. */
export async function placeRows(
  client: Client,
  {
    noun,
    file,
    isNewType,
    signal,
  }: {
    readonly noun: NounSchema
    readonly file: string
    /** The tenant has no such type yet. */
    readonly isNewType: boolean
    readonly signal: AbortSignal
  },
  places: Map<string, Place>,
): Promise<void> {
  let some: Row[] = []
  const flush = async (): Promise<void> => {
    const placed = await Promise.all(
      some.map((row) => (isNewType ? asNew(row) : placeOf(client, { noun, row, signal }))),
    )
    for (const [at, place] of placed.entries()) places.set(String(some[at]?.['$id']), place)
    some = []
  }
  for await (const row of rowsIn(file)) if (some.push(row) >= idsPerMessage) await flush()
  await flush()
}

function asNew(row: Row): Promise<Place> {
  return Promise.resolve({ id: String(row['$id']), kind: 'new' })
}

interface Asked {
  readonly noun: NounSchema
  readonly row: Row
  readonly signal: AbortSignal
}

async function placeOf(client: Client, asked: Asked): Promise<Place> {
  const { noun, row, signal } = asked
  const own = String(row['$id'])
  for (const [attempt, id] of [own, mappedId(own, 1), mappedId(own, 2)].entries()) {
    const known = await knownHere(client, id, signal)
    if (known === undefined) {
      const same = attempt === 0 ? await sameValue(client, asked) : undefined
      if (same !== undefined) return { id: same, kind: 'here' }
      return { id, kind: attempt === 0 ? 'new' : 'mapped' }
    }
    // An entity of the same id and time of creation is this one, which was moved before.
    if (known !== row['$createdAt']) continue
    if ((await anyEntity(client, noun.name).get(id, { strong: true, signal })) !== null) return { id, kind: 'moved' }
  }
  return { id: mappedId(own, 3), kind: 'mapped' }
}

/** The time at which the entity was created that has or had this id here, as its writer named it. */
async function knownHere(client: Client, id: string, signal: AbortSignal): Promise<string | undefined> {
  for (const { data, effective } of await client.events.list({ entity: id, limit: 1, signal }))
    return effective ?? data.$createdAt
  return undefined
}

/** The entity that has a unique value of the row here. */
async function sameValue(client: Client, { noun, row, signal }: Asked): Promise<string | undefined> {
  for (const field of Object.values(noun.fields)) {
    const value = row[field.name]
    if (field.kind !== 'data' || !field.unique || value === undefined || value === null) continue
    const filter = { [field.name]: value }
    for (const found of await anyEntity(client, noun.name).find(filter, { limit: 1, strong: true, signal }))
      return found.$id
  }
  return undefined
}

/** The same for the same id, so that a repetition finds what an earlier move has made. */
export function mappedId(id: string, attempt: number): string {
  const start = id.lastIndexOf('_') + 1 + timeCharacters
  const hash = createHash('sha256').update(`${id} ${attempt}`).digest()
  const rest = Array.from({ length: id.length - start }, (_, at) => alphabet[(hash[at] ?? 0) % alphabet.length])
  return id.slice(0, start) + rest.join('')
}
