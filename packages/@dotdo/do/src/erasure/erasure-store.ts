// The erasures of a tenant, with their progress, and the entities of each.

import { type JsonValue, ObjectError } from 'digital-objects'

/** The stages of an erasure, in order. */
export type ErasureStage =
  /** Its entities are found and erased, some at a time. */
  | 'entities'
  /** Values stored for requests and failures are emptied. */
  | 'requests'
  /** Files are rewritten, and the old ones deleted. */
  | 'files'
  | 'done'

export interface RemovedOf {
  readonly entities: number
  readonly versions: number
  readonly events: number
  readonly fields: readonly string[]
}

/** The removed fields and entities, without values. */
export interface ErasureReport {
  readonly nouns: Readonly<Record<string, RemovedOf>>
  /** Files of the log that were rewritten. */
  readonly segments: number
  /** Files that were deleted. */
  readonly files: number
  /** Stored answers, plans and messages of failures that were emptied. */
  readonly requests: number
  /** Progress in the files of the log: those up to this event are done. */
  readonly through: number
}

export interface StoredErasure {
  readonly id: string
  readonly roots: readonly string[]
  readonly actor: string
  readonly reason: string | null
  readonly askedMs: number
  readonly finishedMs: number | null
  readonly stage: ErasureStage
  readonly report: ErasureReport
}

export interface ErasureEntity {
  readonly id: string
  readonly noun: string
}

interface ErasureRow extends Record<string, SqlStorageValue> {
  readonly id: string
  readonly roots: string
  readonly actor: string
  readonly reason: string | null
  readonly asked: number
  readonly stage: string
  readonly finished: number | null
  readonly report: string
}

const emptyReport: ErasureReport = { nouns: {}, segments: 0, files: 0, requests: 0, through: 0 }
/** Limits the entities of one erasure. */
export const erasedMax = 100_000

export class ErasureStore {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Call it in a transaction. */
  add(
    erasure: Pick<StoredErasure, 'id' | 'roots' | 'actor' | 'reason' | 'askedMs'>,
    entities: readonly ErasureEntity[],
  ): void {
    const { id, roots, actor, reason, askedMs } = erasure
    this.#sql.exec(
      "INSERT INTO erasure_requests (id, roots, actor, reason, asked, stage) VALUES (?, ?, ?, ?, ?, 'entities')",
      id,
      JSON.stringify(roots),
      actor,
      reason,
      askedMs,
    )
    this.addEntities(id, entities)
  }

  /** Throws an ObjectError if there are too many. */
  addEntities(erasure: string, entities: readonly ErasureEntity[]): void {
    for (const { id, noun } of entities)
      this.#sql.exec('INSERT OR IGNORE INTO erased_entities VALUES (?, ?, ?, NULL)', id, erasure, noun)
  }

  has(erasure: string, id: string): boolean {
    return (
      this.#sql.exec('SELECT 1 FROM erased_entities WHERE entity = ? AND erasure = ?', id, erasure).toArray().length > 0
    )
  }

  erased(erasure: string, { id, through }: { readonly id: string; readonly through: number }): void {
    this.#sql.exec('UPDATE erased_entities SET through = ? WHERE entity = ? AND erasure = ?', through, id, erasure)
  }

  waiting(erasure: string, limit: number): readonly ErasureEntity[] {
    const query =
      'SELECT entity AS id, noun FROM erased_entities WHERE erasure = ? AND through IS NULL ORDER BY entity LIMIT ?'
    return this.#sql.exec<{ id: string; noun: string }>(query, erasure, limit).toArray()
  }

  entities(erasure: string, page: { readonly after: string; readonly limit: number }): readonly ErasureEntity[] {
    const query =
      'SELECT entity AS id, noun FROM erased_entities WHERE erasure = ? AND entity > ? ORDER BY entity LIMIT ?'
    return this.#sql.exec<{ id: string; noun: string }>(query, erasure, page.after, page.limit).toArray()
  }

  nouns(erasure: string): readonly string[] {
    const query = 'SELECT DISTINCT noun FROM erased_entities WHERE erasure = ? ORDER BY noun'
    return this.#sql
      .exec<{ noun: string }>(query, erasure)
      .toArray()
      .map(({ noun }) => noun)
  }

  /** The unfinished erasure that was asked for first. */
  oldestOpen(): StoredErasure | undefined {
    return this.#rows('WHERE finished IS NULL ORDER BY asked, id LIMIT 1')[0]
  }

  open(): readonly StoredErasure[] {
    return this.#rows('WHERE finished IS NULL ORDER BY asked, id')
  }

  find(id: string): StoredErasure | undefined {
    return this.#rows('WHERE id = ?', id)[0]
  }

  /** Newest first. */
  list(limit: number): readonly StoredErasure[] {
    return this.#rows('ORDER BY asked DESC, id DESC LIMIT ?', limit)
  }

  update(
    id: string,
    { stage, report, finishedMs }: Partial<Pick<StoredErasure, 'stage' | 'report' | 'finishedMs'>>,
  ): void {
    this.#sql.exec(
      'UPDATE erasure_requests SET stage = coalesce(?2, stage), report = coalesce(?3, report), finished = coalesce(?4, finished) WHERE id = ?1',
      id,
      stage ?? null,
      report === undefined ? null : JSON.stringify(report),
      finishedMs ?? null,
    )
  }

  #rows(rest: string, ...bindings: readonly (string | number)[]): readonly StoredErasure[] {
    return this.#sql
      .exec<ErasureRow>(`SELECT * FROM erasure_requests ${rest}`, ...bindings)
      .toArray()
      .map(({ asked, finished, roots, report, stage, id, actor, reason }) => ({
        id,
        actor,
        reason,
        roots: JSON.parse(roots) as readonly string[], // `add` stores it
        askedMs: asked,
        finishedMs: finished,
        stage: stage as ErasureStage, // only `add` and `update` store it
        report: { ...emptyReport, ...(JSON.parse(report) as Partial<ErasureReport>) }, // `update` stores it
      }))
  }
}

/** Adds what was removed of one entity. */
export function addRemoved(
  report: ErasureReport,
  { noun, fields, versions, events }: { readonly noun: string } & Omit<RemovedOf, 'entities'>,
): ErasureReport {
  const before = report.nouns[noun] ?? { entities: 0, versions: 0, events: 0, fields: [] }
  const after: RemovedOf = {
    entities: before.entities + 1,
    versions: before.versions + versions,
    events: before.events + events,
    fields: [...new Set([...before.fields, ...fields])].toSorted(),
  }
  return { ...report, nouns: { ...report.nouns, [noun]: after } }
}

/** The refusal of an erasure that would reach too many entities. */
export function tooManyErased(): ObjectError {
  return new ObjectError({
    code: 'payload_too_large',
    message: `an erasure has at most ${erasedMax} entities`,
    detail: { limitOf: 'erasure' } satisfies Record<string, JsonValue>,
  })
}
