// The job that imports the rows of a file, some hundred in a commit. Each commit records how far the import is in its own
// transaction, so that a crash at any line neither repeats nor skips a row. Rows that are refused are kept with their reasons. After
// the last row, the job follows references to rows that came later in the file than those that refer to them.

import { type BulkWork, type Committing, isCommitTooLarge } from '@dotdo/do'
import type { ImportedRow, Importer, ImportFinding, RefusedRow } from '@dotdo/service'
import {
  compileAuthority,
  isPlainObject,
  type JsonValue,
  type NounLookup,
  type NounSchema,
  ObjectError,
  parseFilter,
  type ReferenceField,
} from 'digital-objects'
import { findNoun } from '../entities/find-noun.ts'
import { Reader } from '../entities/reader.ts'
import { withCurrentAuthority } from '../writes/current-authority.ts'
import { parseBody } from '../writes/parse-body.ts'
import type { WriteAsked } from '../writes/write.ts'
import { Refusals } from './bulk-refusals.ts'
import { gunzip } from './gzip.ts'
import { type Finding, findNamed, FoundEntities, idNamed, importName } from './import-references.ts'
import { nameMover } from './import-names.ts'
import { ManyChanges } from './many-changes.ts'
import type { UndoParts } from './undo-job.ts'

export const importKind = 'import'

/** Limits the rows of one commit, so that other writes need not wait long. */
const rowsPerStep = 250
const linksPerStep = 250

export interface ImportParts extends UndoParts {
  /** Without it, as when the service that reads files was removed, imports fail. */
  readonly importer?: Importer | undefined
}

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

/** A step of an import, and what does not change between its attempts. */
interface Step {
  readonly work: BulkWork
  readonly asked: WriteAsked
  readonly source: string
  readonly finding: Finding & Pick<ImportFinding, 'match'>
  readonly noun: NounSchema
}

/** A row that was read, as it was staged. */
interface ReadRow {
  readonly staged: JsonValue
  readonly row: ImportedRow | RefusedRow
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
    const { visibility } = compileAuthority(asked.caller.authority, store.catalog.current.lookup)
    const noun = findNoun(visibility.lookup, { noun: work.noun })
    const system = typeof plan['system'] === 'string' ? plan['system'] : ''
    const match = typeof plan['match'] === 'string' ? plan['match'] : null
    const step: Step = { work, asked, source, noun, finding: { store, caller: asked.caller, system, match } }
    const position = JSON.parse(work.position) as ImportPosition // written by `formatImportPosition`
    if (position.phase === 'links') return this.#followLinks(step, position)
    const { importer } = this.#parts
    if (importer === undefined) throw notConfigured()
    const convert = importer.converter(plan, noun)
    const staged = await this.#rows(source, position.piece)
    const rest = staged.slice(position.row, position.row + rowsPerStep)
    const read = rest.map((one): ReadRow => ({ staged: one, row: convert(one) }))
    for (let size = read.length; ; size = Math.ceil(size / 2)) {
      const rows = read.slice(0, size)
      const isLastOfPiece = position.row + rows.length >= staged.length
      const next = isLastOfPiece
        ? { piece: position.piece + 1, row: 0 }
        : { piece: position.piece, row: position.row + rows.length }
      try {
        const found = await store.reading((run) => findNamed(wantedBy(rows, step), step.finding, run))
        await this.#inCommit(step, (commit) => this.#importRows(commit, { step, position, rows, next, found }))
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

  #inCommit({ asked }: Step, work: (commit: Committing) => null): Promise<unknown> {
    const { tenant: name, context } = asked.caller
    return this.#parts.store().commit(work, { tenant: { name, context } })
  }

  #importRows(
    commit: Committing,
    given: {
      readonly step: Step
      readonly position: Extract<ImportPosition, { phase: 'rows' }>
      readonly rows: readonly ReadRow[]
      readonly next: { readonly piece: number; readonly row: number }
      readonly found: FoundEntities
    },
  ): null {
    const { step, position, rows, next, found } = given
    const { work, source } = step
    const { requests } = this.#parts
    const refusals = new Refusals(work)
    const writer = new RowWriter(commit, { step, found, parts: this.#parts })
    for (const { staged, row } of rows) {
      try {
        if ('fault' in row) throw refused(row.fault)
        writer.write(row)
      } catch (error) {
        if (!(error instanceof ObjectError) || isCommitTooLarge(error)) throw error
        refusals.add(`line ${row.line}`, { error, count: 1 })
        requests.imports.refuse(source, { line: row.line, reason: error.message, row: JSON.stringify(staged) })
      }
    }
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
      readonly step: Step
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

  async #followLinks(step: Step, position: Extract<ImportPosition, { phase: 'links' }>): Promise<void> {
    const { requests } = this.#parts
    const { source, work, noun, finding } = step
    const links = requests.imports.links(source, { after: position.after, limit: linksPerStep })
    const wanted = new Map<string, Set<string>>()
    for (const { field, text } of links) want(wanted, referenceOf(noun, field), text)
    const found = await finding.store.reading((run) => findNamed(wanted, finding, run))
    await this.#inCommit(step, (commit) => {
      const refusals = new Refusals(work)
      const writer = new RowWriter(commit, { step, found, parts: this.#parts })
      for (const link of links) {
        try {
          writer.follow(link)
        } catch (error) {
          if (!(error instanceof ObjectError) || isCommitTooLarge(error)) throw error
          refusals.add(`line ${link.line}`, { error, count: 1 })
          const reason = `the row was imported without '${link.field}': ${error.message}`
          requests.imports.refuse(source, { line: link.line, reason, row: JSON.stringify([link.line]) })
        }
      }
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

/** Writes rows inside of one commit. */
class RowWriter {
  created = 0
  updated = 0
  readonly #step: Step
  readonly #found: FoundEntities
  readonly #parts: ImportParts
  readonly #reader: Reader
  readonly #lookup: NounLookup
  readonly #mayMoveName: (name: string, to: string | undefined) => boolean
  readonly #creating: ManyChanges
  readonly #updating: ManyChanges

  constructor(
    commit: Committing,
    { step, found, parts }: { readonly step: Step; readonly found: FoundEntities; readonly parts: ImportParts },
  ) {
    this.#step = step
    this.#found = found
    this.#parts = parts
    const { asked, finding } = step
    const { store } = finding
    const { lookup: wholeLookup } = store.catalog.current
    const { visibility, permission } = compileAuthority(asked.caller.authority, wholeLookup)
    this.#lookup = visibility.lookup
    this.#mayMoveName = nameMover({ store, visibility, permission, authority: asked.caller.authority }, step)
    this.#reader = new Reader({ context: asked.caller.context, visibility, wholeLookup, store })
    const of = { commit, parts: { store, calls: parts.calls }, caller: asked.caller, call: asked.call }
    this.#creating = new ManyChanges('createMany', of)
    this.#updating = new ManyChanges('updateMany', of)
  }

  /** Throws an ObjectError, after which nothing has changed. */
  write({ line, body, name, at, references }: ImportedRow): void {
    const { imports } = this.#parts.requests
    const { noun, source, finding } = this.#step
    const field = `line ${line}`
    const whole: Record<string, JsonValue> = { ...body }
    const later: { readonly field: string; readonly text: string }[] = []
    for (const reference of references) {
      const ids: string[] = []
      for (const text of reference.texts) {
        const id = this.#idOf(reference.field, text)
        if (id !== undefined) ids.push(id)
        else if (this.#mayComeLater(reference.field)) later.push({ field: reference.field, text })
        else throw this.#nothingNamed(reference.field, text)
      }
      const [first] = ids
      if (reference.isMany) whole[reference.field] = ids
      else if (first !== undefined) whole[reference.field] = first
    }
    const target = this.#target(whole, name)
    if (name !== undefined && !this.#mayMoveName(name, target))
      throw refused(`the id '${name.slice(0, 80)}' of this row is that of an entity that this caller may not write`)
    const written =
      target === undefined
        ? this.#creating.perform({ field, body: whole, ...(at === undefined ? {} : { at }) })
        : this.#updating.perform({ field, id: target, body: whole })
    const id = target ?? written.row.target
    if (target === undefined) this.created++
    else if (!written.isUnchanged) this.updated++
    if (name !== undefined) imports.setName(noun.name, importName(finding.system, name), id)
    for (const link of later) imports.addLink(source, { line, entity: id, ...link })
  }

  /** Gives a row the reference that named nothing when it was written. */
  follow({
    line,
    entity,
    field,
    text,
  }: {
    readonly line: number
    readonly entity: string
    readonly field: string
    readonly text: string
  }): void {
    const id = this.#idOf(field, text)
    if (id === undefined) throw this.#nothingNamed(field, text)
    const type = this.#step.noun.fields[field]
    const isMany = type?.kind === 'reference' && type.many
    const before = isMany ? this.#reader.get(this.#step.noun, entity)?.fields[field] : undefined
    const value = isMany ? [...(Array.isArray(before) ? before : []), id] : id
    this.#updating.perform({ field: `line ${line}`, id: entity, body: { [field]: value } })
  }

  /** The existing entity that the row is. */
  #target(body: Readonly<Record<string, JsonValue>>, name: string | undefined): string | undefined {
    const { noun, finding } = this.#step
    const { match } = finding
    if (match === null) return undefined
    if (match === '$id')
      return name === undefined ? undefined : idNamed(name, { to: [noun], finding, isThere: this.#isThere })
    const value = body[match]
    if (value === undefined || value === null) return undefined
    // By the caller's own eyes: entities that it may not see are none, however many there are.
    const filter = parseFilter({ [match]: value }, { schema: noun, lookup: this.#lookup })
    const { versions } = this.#reader.page({ noun, filter, ...twoAtMost }, this.#step.asked.caller.tenant)
    const [only, other] = versions
    if (other !== undefined)
      throw refused(`several ${noun.name} entities have the ${match} ${JSON.stringify(value).slice(0, 80)}`)
    return only?.id
  }

  readonly #isThere = (noun: NounSchema, id: string): boolean => this.#reader.get(noun, id) !== undefined

  #idOf(field: string, text: string): string | undefined {
    const { finding, noun } = this.#step
    const { to } = referenceOf(noun, field)
    const schemas = to.flatMap((name) => finding.store.catalog.current.lookup(name) ?? [])
    const named = idNamed(text, { to: schemas, finding, isThere: this.#isThere })
    if (named !== undefined) return named
    const found = to.flatMap((name) => this.#found.get(name, text) ?? [])
    const ids = [...new Set(found.map(({ id }) => id))]
    if (ids.length === 0) return undefined
    const [only, other] = ids
    if (only !== undefined && other === undefined && ids.length === 1) return only
    throw refused(`'${field}': several entities are named '${text.slice(0, 80)}': use their ids or emails`)
  }

  #mayComeLater(field: string): boolean {
    const { noun } = this.#step
    const reference = referenceOf(noun, field)
    return !reference.required && reference.to.includes(noun.name)
  }

  #nothingNamed(field: string, text: string): ObjectError {
    const { to } = referenceOf(this.#step.noun, field)
    return refused(
      `'${field}': there is no ${to.slice(0, 3).join(' or ')} with the id, email or name '${text.slice(0, 80)}'`,
      field,
    )
  }
}

/** Two entities are ambiguous already. */
const twoAtMost = {
  sort: undefined,
  limit: 2,
  cursor: undefined,
  isCounted: false,
  asOfMs: undefined,
  shape: { includes: [], fields: undefined },
}

function wantedBy(rows: readonly ReadRow[], { noun }: Step): ReadonlyMap<string, ReadonlySet<string>> {
  const wanted = new Map<string, Set<string>>()
  for (const { row } of rows)
    if ('references' in row)
      for (const { field, texts } of row.references)
        for (const text of texts) want(wanted, referenceOf(noun, field), text)
  return wanted
}

function want(wanted: Map<string, Set<string>>, { to }: ReferenceField, text: string): void {
  for (const name of to) {
    const texts = wanted.get(name) ?? new Set()
    wanted.set(name, texts.add(text))
  }
}

function referenceOf(noun: NounSchema, name: string): ReferenceField {
  const field = noun.fields[name]
  if (field?.kind === 'reference') return field
  throw refused(`'${name}' is no reference of ${noun.name} any more`, name)
}

function refused(message: string, field?: string): ObjectError {
  return new ObjectError({ code: 'validation_error', message, ...(field === undefined ? {} : { field }) })
}

function notConfigured(): ObjectError {
  return new ObjectError({ code: 'not_configured', message: 'this server has no service that reads files' })
}
