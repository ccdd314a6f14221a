// The entities whose personal values were erased, and the event up to which they were. Texts that lie in the archive are
// masked by it whenever they are read.

import { type NounLookup, type NounSchema, type PersonalMarks, personalMarks, type StoredField } from 'digital-objects'
import { type Masked, maskTexts, type StoredTexts } from '../log/masked-texts.ts'
import { typeOfRow } from '../log/stored-event.ts'

/** The tables, which are part of released versions, so they are never edited. Times are in ms. */
export const erasureTables = [
  // Erasures of persons. `roots` are the ids that were asked for; `report` counts what was removed.
  `CREATE TABLE erasure_requests (
    id TEXT PRIMARY KEY,
    roots TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT,
    asked INTEGER NOT NULL,
    stage TEXT NOT NULL,
    finished INTEGER,
    report TEXT NOT NULL DEFAULT '{}'
  ) WITHOUT ROWID`,
  'CREATE INDEX erasures_open ON erasure_requests (asked) WHERE finished IS NULL',
  // The entities of each erasure. `through` is the event up to which an entity was erased; null while it waits.
  `CREATE TABLE erased_entities (
    entity TEXT NOT NULL,
    erasure TEXT NOT NULL,
    noun TEXT NOT NULL,
    through INTEGER,
    PRIMARY KEY (entity, erasure)
  ) WITHOUT ROWID`,
  'CREATE INDEX erased_entities_waiting ON erased_entities (erasure, entity) WHERE through IS NULL',
  'CREATE INDEX erased_entities_of ON erased_entities (erasure, noun)',
] as const

/** Stands for the reason of a forced event, which is a person's own words. */
export const erasedReason = 'erased'

interface LoggedTexts extends StoredTexts {
  readonly seq: number
  readonly type: string
  readonly target: string
  readonly reason?: string | null
}

export class ErasedEntities {
  readonly #sql: SqlStorage
  readonly #lookup: NounLookup
  readonly #marks = new Map<string, { readonly schema: NounSchema | undefined; readonly marks: PersonalMarks }>()
  /** Whether there are any; most tenants have none. Undefined until it is known. */
  #some: boolean | undefined

  constructor(options: { readonly sql: SqlStorage; readonly lookup: NounLookup }) {
    this.#sql = options.sql
    this.#lookup = options.lookup
  }

  /** Call it after a rollback, and when an erasure was added. */
  reload(): void {
    this.#some = undefined
    this.#marks.clear()
  }

  get hasSome(): boolean {
    this.#some ??= this.#sql.exec('SELECT 1 FROM erased_entities LIMIT 1').toArray().length > 0
    return this.#some
  }

  /** Returns the event up to which the entity was erased; undefined if it was not. */
  throughOf(id: string): number | undefined {
    if (!this.hasSome) return undefined
    const query = 'SELECT max(through) AS through FROM erased_entities WHERE entity = ?'
    return this.#sql.exec<{ through: number | null }>(query, id).one().through ?? undefined
  }

  /** Returns those of these entities that were erased. */
  among(ids: readonly string[]): ReadonlyMap<string, number> {
    if (!this.hasSome) return new Map()
    const query = `SELECT entity, max(through) AS through FROM erased_entities
      WHERE entity IN (SELECT value FROM json_each(?)) AND through IS NOT NULL GROUP BY entity`
    const rows = this.#sql.exec<{ entity: string; through: number }>(query, JSON.stringify(ids)).toArray()
    return new Map(rows.map(({ entity, through }) => [entity, through]))
  }

  /** Returns the definition of a Noun; if it has none any more, the last one that it had. */
  schemaOf(noun: string): NounSchema | undefined {
    return this.#lookup(noun) ?? this.#stored(noun)[0]
  }

  #stored(noun: string): readonly NounSchema[] {
    return this.#sql
      .exec<{ definition: string }>(
        'SELECT definition FROM nouns WHERE name = ? ORDER BY latest DESC, since DESC',
        noun,
      )
      .toArray()
      .map(({ definition }) => JSON.parse(definition) as NounSchema) // only `ensureTable` stores it
  }

  /** Returns the marks of a Noun, also if it has no definition any more: fields of earlier definitions keep theirs. */
  marksOf(noun: string): PersonalMarks {
    const schema = this.#lookup(noun)
    const known = this.#marks.get(noun)
    if (known !== undefined && known.schema === schema) return known.marks
    const stored = this.#stored(noun)
    const marks = marksOfAll(schema === undefined ? stored : [schema, ...stored])
    this.#marks.set(noun, { schema, marks })
    return marks
  }

  /** Whether an erasure is under way, so that files may still have values that the log has not. */
  get isErasing(): boolean {
    return this.#sql.exec('SELECT 1 FROM erasure_requests WHERE finished IS NULL LIMIT 1').toArray().length > 0
  }

  /** Masks an event as it was read, if its entity was erased. The same event comes back if there is nothing to remove. */
  mask<Event extends LoggedTexts>(event: Event): Event {
    const through = this.throughOf(event.target)
    if (through === undefined || event.seq > through) return event
    const { data, changes } = maskTexts(event, { ...this.maskedOf(event), isPatch: false })
    const isReasonErased = typeof event.reason === 'string' && event.reason !== erasedReason
    if (data === event.data && changes === event.changes && !isReasonErased) return event
    return { ...event, data, changes, ...(isReasonErased ? { reason: erasedReason } : {}) }
  }

  maskedOf({ type, target }: { readonly type: string; readonly target: string }): Masked {
    return { marks: this.marksOf(type.slice(0, type.indexOf('.'))), id: target }
  }

  /** Masks the texts of an archived event. */
  maskArchived<Texts extends StoredTexts>(seq: number, texts: Texts): Texts {
    if (!this.hasSome) return texts
    const query = `SELECT ${typeOfRow} AS type, target FROM log WHERE seq = ?`
    const [row] = this.#sql.exec<{ type: string; target: string }>(query, seq).toArray()
    const { data, changes } = texts
    return row === undefined
      ? texts
      : { ...texts, ...pickTexts(this.mask<LoggedTexts>({ data, changes, ...row, seq })) }
  }
}

function pickTexts({ data, changes }: StoredTexts): StoredTexts {
  return { data, changes }
}

/** The first definition says what is marked; an earlier one does so for fields that no later one has. */
function marksOfAll(schemas: readonly NounSchema[]): PersonalMarks {
  const values = new Map<string, StoredField>()
  const links = new Map<string, StoredField>()
  const seen = new Set<string>()
  for (const schema of schemas) {
    const marks = personalMarks(schema)
    for (const [name, field] of marks.values) if (!seen.has(name)) values.set(name, field)
    for (const field of marks.links) if (!seen.has(field.name)) links.set(field.name, field)
    for (const name of Object.keys(schema.fields)) seen.add(name)
  }
  return { values, links: [...links.values()] }
}
