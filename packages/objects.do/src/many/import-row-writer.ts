// Writes the rows of an import inside of one commit: each is an entity that exists, by its name or a field, or a new one.

import { type Committing, type ImportLink, isCommitTooLarge } from '@dotdo/do'
import type { ImportedRow, Importer, ImportFinding, RefusedRow } from '@dotdo/service'
import {
  compileAuthority,
  type JsonValue,
  type NounSchema,
  ObjectError,
  parseId,
  type ReferenceField,
} from 'digital-objects'
import { Reader } from '../entities/reader.ts'
import type { WriteAsked } from '../writes/write.ts'
import type { KeptIds } from './import-ids.ts'
import { nameMover } from './import-names.ts'
import { type Finding, type FoundEntities, idNamed, importName } from './import-references.ts'
import { MatchedEntities } from './import-matches.ts'
import { ManyChanges } from './many-changes.ts'
import type { UndoParts } from './undo-job.ts'

export interface ImportParts extends UndoParts {
  /** Without it, as when the service that reads files was removed, imports fail. */
  readonly importer?: Importer | undefined
}

/** A step of an import, and what does not change between its attempts. */
export interface Step {
  readonly asked: WriteAsked
  readonly source: string
  readonly finding: Finding & Pick<ImportFinding, 'match'>
  readonly noun: NounSchema
  /** Whether the names of rows are the ids of the entities that they become. */
  readonly keepsIds: boolean
}

/** A row that was read, as it was staged. */
export interface ReadRow {
  readonly staged: JsonValue
  readonly row: ImportedRow | RefusedRow
}

/** Writes rows inside of one commit. */
export class RowWriter {
  created = 0
  updated = 0
  readonly #step: Step
  readonly #found: FoundEntities
  readonly #ids: KeptIds
  readonly #parts: ImportParts
  readonly #reader: Reader
  readonly #mayMoveName: (name: string, to: string | undefined) => boolean
  readonly #creating: ManyChanges
  readonly #updating: ManyChanges
  readonly #matched: MatchedEntities | undefined

  constructor(
    commit: Committing,
    {
      step,
      rows,
      found,
      ids,
      parts,
    }: {
      readonly step: Step
      /** The rows that will be written. */
      readonly rows: readonly ReadRow[]
      readonly found: FoundEntities
      readonly ids: KeptIds
      readonly parts: ImportParts
    },
  ) {
    this.#step = step
    this.#found = found
    this.#ids = ids
    this.#parts = parts
    const { asked, finding } = step
    const { store } = finding
    const { lookup: wholeLookup } = store.catalog.current
    const { visibility, permission } = compileAuthority(asked.caller.authority, wholeLookup)
    this.#mayMoveName = nameMover({ store, visibility, permission, authority: asked.caller.authority }, step)
    this.#reader = new Reader({ context: asked.caller.context, visibility, wholeLookup, store })
    const of = { commit, parts: { store, calls: parts.calls }, caller: asked.caller, call: asked.call }
    this.#creating = new ManyChanges('createMany', of)
    this.#updating = new ManyChanges('updateMany', of)
    const { match } = finding
    if (match === null || match === '$id') return
    const values = rows.flatMap(({ row }) => ('fault' in row ? [] : (row.body[match] ?? [])))
    const { tenant } = asked.caller
    this.#matched = new MatchedEntities(match, values, {
      store,
      reader: this.#reader,
      lookup: visibility.lookup,
      noun: step.noun,
      tenant,
    })
  }

  /** Writes rows one after another, and reports those that are refused. Throws if the commit becomes too large. */
  writeEach(rows: readonly ReadRow[], refuse: (read: ReadRow, error: ObjectError) => void): void {
    for (const read of rows) {
      try {
        if ('fault' in read.row) throw refused(read.row.fault)
        this.#write(read.row)
      } catch (error) {
        if (!(error instanceof ObjectError) || isCommitTooLarge(error)) throw error
        refuse(read, error)
      }
    }
  }

  /** Throws an ObjectError, after which nothing has changed. */
  #write({ line, body, name, at, references }: ImportedRow): void {
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
    this.#ids.promise(target === undefined && this.#step.keepsIds ? this.#ownId(name) : undefined)
    const written =
      target === undefined
        ? this.#creating.perform({ field, body: whole, ...(at === undefined ? {} : { at }) })
        : this.#updating.perform({ field, id: target, body: whole })
    const id = target ?? written.row.target
    if (finding.match !== null) this.#matched?.wrote(whole[finding.match], written)
    if (target === undefined) this.created++
    else if (!written.isUnchanged) this.updated++
    if (name !== undefined) imports.setName(noun.name, importName(finding.system, name), id)
    for (const link of later) imports.addLink(source, { line, entity: id, ...link })
  }

  /** Gives rows the references that named nothing when they were written, and reports those that still name nothing. */
  followEach(
    links: readonly ImportLink[],
    refuse: (link: ImportLink, reason: string, error: ObjectError) => void,
  ): void {
    for (const link of links) {
      try {
        this.#follow(link)
      } catch (error) {
        if (!(error instanceof ObjectError) || isCommitTooLarge(error)) throw error
        refuse(link, `the row was imported without '${link.field}': ${error.message}`, error)
      }
    }
  }

  #follow({ line, entity, field, text }: ImportLink): void {
    const id = this.#idOf(field, text)
    if (id === undefined) throw this.#nothingNamed(field, text)
    const type = this.#step.noun.fields[field]
    const isMany = type?.kind === 'reference' && type.many
    const before = isMany ? this.#reader.get(this.#step.noun, entity)?.fields[field] : undefined
    const value = isMany ? [...(Array.isArray(before) ? before : []), id] : id
    this.#updating.perform({ field: `line ${line}`, id: entity, body: { [field]: value } })
  }

  /** The id that a new entity keeps. It must be one of its Noun that no entity has ever had here, seen by the caller or not. */
  #ownId(name: string | undefined): string {
    const { noun, finding } = this.#step
    if (name === undefined || parseId(name)?.prefix !== noun.idPrefix)
      throw refused(
        `ids are kept, and '${(name ?? '').slice(0, 80)}' is no id of ${noun.name}, such as ${noun.idPrefix}_…`,
        '$id',
      )
    const { state } = finding.store
    const table = state.hasTable(noun.name) ? state.tableOf(noun) : undefined
    if (table !== undefined && (state.get(table, name) ?? state.getDeleted(table, name)) !== undefined)
      throw refused(`ids are kept, and '${name}' is or was another entity here`, '$id')
    return name
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
    const [only, other] = this.#matched?.idsOf(value) ?? []
    if (other !== undefined)
      throw refused(`several ${noun.name} entities have the ${match} ${JSON.stringify(value).slice(0, 80)}`)
    return only
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

export function referenceOf(noun: NounSchema, name: string): ReferenceField {
  const field = noun.fields[name]
  if (field?.kind === 'reference') return field
  throw refused(`'${name}' is no reference of ${noun.name} any more`, name)
}

export function refused(message: string, field?: string): ObjectError {
  return new ObjectError({ code: 'validation_error', message, ...(field === undefined ? {} : { field }) })
}
