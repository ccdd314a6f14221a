// The job that imports the rows of a file, some hundred in a commit. Each commit records how far the import is in its own
// transaction, so that a crash at any line neither repeats nor skips a row. Rows that are refused are kept with their reasons. After
// the last row, the job follows references to rows that came later in the file than those that refer to them.

import { type BulkWork, type Committing, type ImportLink, isCommitTooLarge, type TenantStore } from '@dotdo/do'
import { importStepRows } from '@dotdo/service'
import { compileAuthority, isPlainObject, type JsonValue, ObjectError, type ReferenceField } from 'digital-objects'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { findNoun } from '../entities/find-noun.ts'
import { withCurrentAuthority } from '../writes/current-authority.ts'
import { parseBody } from '../writes/parse-body.ts'
import type { WriteAsked } from '../writes/write.ts'
import { Refusals } from './bulk-refusals.ts'
import { gunzip } from './gzip.ts'
import { keptIdsAbout, KeptIds } from './import-ids.ts'
import { findNamed, type FoundEntities } from './import-references.ts'
import { type ImportParts, type ReadRow, referenceOf, RowWriter, type Step } from './import-row-writer.ts'

export const importKind = 'import'

export const linksPerStep = 250

export type ImportPosition = {
  readonly created: number
  readonly updated: number
} & (
  | { readonly phase: 'rows'; readonly piece: number; readonly row: number }
  /** Follows the references after one. */
  | { readonly phase: 'links'; readonly after: number }
)

export function formatImportPosition(position: ImportPosition): string {
  return JSON.stringify(position)
}

/** A step of a job. */
interface JobStep extends Step {
  readonly work: BulkWork
}

export class ImportSteps {
  readonly #parts: ImportParts
  /** The piece that was read last. */
  #piece: { readonly key: string; readonly rows: readonly JsonValue[] } | undefined

  constructor(parts: ImportParts) {
    this.#parts = parts
  }

  /** Makes one step. Throws an ObjectError if the whole import cannot continue. */
  async step(work: BulkWork): Promise<void> {
    const store = this.#parts.store()
    const stored = JSON.parse(work.request) as WriteAsked // stored when the job was started
    const asked = { ...stored, caller: withCurrentAuthority(stored.caller, store) }
    const { source, plan } = parseBody(asked.call.body)
    if (typeof source !== 'string' || !isPlainObject(plan)) throw new Error('an import has a source and a plan')
    const step = { ...stepOf(store, { asked, source, plan, noun: work.noun }), work }
    if (step.keepsIds) requireFullAuthority(asked.caller, keptIdsAbout)
    const position = JSON.parse(work.position) as ImportPosition // written by `formatImportPosition`
    if (position.phase === 'links') return this.#followLinks(step, position)
    const { importer } = this.#parts
    if (importer === undefined) throw notConfigured()
    const convert = importer.converter(plan, step.noun)
    const staged = await this.#rows(source, position.piece)
    const rest = staged.slice(position.row, position.row + importStepRows)
    const read = rest.map((one): ReadRow => ({ staged: one, row: convert(one) }))
    for (let size = read.length; ; size = Math.ceil(size / 2)) {
      const rows = read.slice(0, size)
      const isLastOfPiece = position.row + rows.length >= staged.length
      const next = isLastOfPiece
        ? { piece: position.piece + 1, row: 0 }
        : { piece: position.piece, row: position.row + rows.length }
      try {
        const found = await store.reading((run) => findNamed(wantedByRows(rows, step), step.finding, run))
        await this.#inCommit(step, (commit, ids) =>
          this.#importRows(commit, { step, position, rows, next, found, ids }),
        )
        return
      } catch (error) {
        if (!isCommitTooLarge(error) || size <= 1) throw error
      }
    }
  }

  async #rows(source: string, piece: number): Promise<readonly JsonValue[]> {
    const key = `${source}/${piece}`
    if (this.#piece?.key !== key) {
      const data = this.#parts.requests.imports.piece(source, piece)
      const rows = data === undefined ? [] : (JSON.parse(await gunzip(data)) as readonly JsonValue[]) // staged as a list
      this.#piece = { key, rows }
    }
    return this.#piece.rows
  }

  #inCommit({ asked }: Step, work: (commit: Committing, ids: KeptIds) => null): Promise<unknown> {
    const { tenant: name, context } = asked.caller
    const ids = new KeptIds()
    return this.#parts.store().commit((commit) => work(commit, ids), { tenant: { name, context }, nextId: ids.next })
  }

  #importRows(
    commit: Committing,
    given: {
      readonly step: JobStep
      readonly position: Extract<ImportPosition, { phase: 'rows' }>
      readonly rows: readonly ReadRow[]
      readonly next: { readonly piece: number; readonly row: number }
      readonly found: FoundEntities
      readonly ids: KeptIds
    },
  ): null {
    const { step, position, rows, next, found, ids } = given
    const { work, source } = step
    const { requests } = this.#parts
    const refusals = new Refusals(work)
    const writer = new RowWriter(commit, { step, rows, found, ids, parts: this.#parts })
    writer.writeEach(rows, ({ staged, row: { line } }, error) => {
      refusals.add(`line ${line}`, { error, count: 1 })
      requests.imports.refuse(source, { line, reason: error.message, row: JSON.stringify(staged) })
    })
    const counts = { created: position.created + writer.created, updated: position.updated + writer.updated }
    const isLast = next.piece >= (requests.imports.find(source)?.pieces ?? 0)
    const hasLinks = isLast && requests.imports.links(source, { after: 0, limit: 1 }).length > 0
    const to: ImportPosition = isLast ? { ...counts, phase: 'links', after: 0 } : { ...counts, phase: 'rows', ...next }
    return this.#advance(commit, {
      step,
      refusals,
      position: to,
      done: work.done + rows.length,
      isFinished: isLast && !hasLinks,
    })
  }

  #advance(
    commit: Committing,
    given: {
      readonly step: JobStep
      readonly refusals: Refusals
      readonly position: ImportPosition
      readonly done: number
      readonly isFinished: boolean
    },
  ): null {
    const { step, refusals, position, done, isFinished } = given
    const { requests, store } = this.#parts
    const { id } = step.work
    if (store().events.head >= commit.number) requests.bulkJobs.made(id, commit.number)
    const progress = { done, ...refusals.progress, position: formatImportPosition(position), isFinished }
    requests.bulkJobs.advance(id, progress, requests.realMs)
    if (isFinished) {
      requests.imports.finish(step.source, requests.realMs)
      requests.changed()
    }
    return null
  }

  async #followLinks(step: JobStep, position: Extract<ImportPosition, { phase: 'links' }>): Promise<void> {
    const { requests } = this.#parts
    const { source, work, finding } = step
    const links = requests.imports.links(source, { after: position.after, limit: linksPerStep })
    const found = await finding.store.reading((run) => findNamed(wantedByLinks(links, step), finding, run))
    await this.#inCommit(step, (commit, ids) => {
      const refusals = new Refusals(work)
      const writer = new RowWriter(commit, { step, rows: [], found, ids, parts: this.#parts })
      writer.followEach(links, ({ line }, reason, error) => {
        refusals.add(`line ${line}`, { error, count: 1 })
        requests.imports.refuse(source, { line, reason, row: JSON.stringify([line]) })
      })
      const after = links.at(-1)?.n ?? position.after
      return this.#advance(commit, {
        step,
        refusals,
        position: { ...position, after },
        done: work.done,
        isFinished: links.length < linksPerStep,
      })
    })
  }
}

/** Throws an ObjectError if the caller knows no such entity type. */
export function stepOf(
  store: TenantStore,
  {
    asked,
    source,
    plan,
    noun: name,
  }: {
    readonly asked: WriteAsked
    readonly source: string
    readonly plan: Readonly<Record<string, JsonValue>>
    readonly noun: string
  },
): Step {
  const { visibility } = compileAuthority(asked.caller.authority, store.catalog.current.lookup)
  const { system, match, ids } = plan
  return {
    asked,
    source,
    noun: findNoun(visibility.lookup, { noun: name }),
    keepsIds: ids === 'keep',
    finding: {
      store,
      caller: asked.caller,
      system: typeof system === 'string' ? system : '',
      match: typeof match === 'string' ? match : null,
    },
  }
}

/** The texts of references, by the Noun that they may name. */
export function wantedByRows(rows: readonly ReadRow[], { noun }: Step): ReadonlyMap<string, ReadonlySet<string>> {
  const wanted = new Map<string, Set<string>>()
  for (const { row } of rows)
    if ('references' in row)
      for (const { field, texts } of row.references)
        for (const text of texts) want(wanted, referenceOf(noun, field), text)
  return wanted
}

export function wantedByLinks(links: readonly ImportLink[], { noun }: Step): ReadonlyMap<string, ReadonlySet<string>> {
  const wanted = new Map<string, Set<string>>()
  for (const { field, text } of links) want(wanted, referenceOf(noun, field), text)
  return wanted
}

function want(wanted: Map<string, Set<string>>, { to }: ReferenceField, text: string): void {
  for (const name of to) {
    const texts = wanted.get(name) ?? new Set()
    wanted.set(name, texts.add(text))
  }
}

export function notConfigured(): ObjectError {
  return new ObjectError({ code: 'not_configured', message: 'this server has no service that reads files' })
}
