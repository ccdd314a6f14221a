// Finds the entities that the texts of a file name: by id, by their name in the program that wrote the file, by email and other
// unique fields, or by their name here, if only one has it. Entities that the caller may not see are not found.

import type { ReadRun, TenantStore } from '@dotdo/do'
import {
  canonicalText,
  compileAuthority,
  hasCanonicalText,
  type NounSchema,
  parseFilter,
  parseId,
  parseSort,
} from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { Reader } from '../entities/reader.ts'

/** Names that entities have here, if no other field is unique. */
const nameFields = ['name', 'title', 'number', 'subject'] as const
/** Texts of one query. */
const textsPerQuery = 500

/** Entities by texts, of one Noun. Several entities of one name are known as such. */
export class FoundEntities {
  readonly #byNoun = new Map<string, Map<string, string | undefined>>()

  get(noun: string, text: string): { readonly id: string | undefined } | undefined {
    const found = this.#byNoun.get(noun)
    return found?.has(text) === true ? { id: found.get(text) } : undefined
  }

  /** `id` is undefined if several have the name. */
  set(noun: string, text: string, id: string | undefined): void {
    const found = this.#byNoun.get(noun) ?? new Map<string, string | undefined>()
    found.set(text, id)
    this.#byNoun.set(noun, found)
  }
}

export interface Finding {
  readonly store: TenantStore
  readonly caller: Caller
  readonly system: string
}

/**
 * Reads the entities that texts may name, before the commit that refers to them. It may throw Unfinished, and is called again. Without
 * a run, as inside of a commit, it throws an ObjectError if many entities have to be read.
 */
export function findNamed(
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
  { store, caller }: Finding,
  run?: ReadRun,
): FoundEntities {
  const found = new FoundEntities()
  const { lookup: wholeLookup } = store.catalog.current
  const { visibility } = compileAuthority(caller.authority, wholeLookup)
  const reader = new Reader({
    context: caller.context,
    visibility,
    wholeLookup,
    store,
    ...(run === undefined ? {} : { run }),
  })
  for (const [name, texts] of wanted) {
    const noun = visibility.lookup(name)
    if (noun === undefined) continue
    // Others are no value of any entity, and a filter refuses them.
    const storable = [...texts].filter((text) => text.isWellFormed() && !text.includes('\0'))
    for (const field of fieldsThatName(noun)) {
      const open = storable.filter((text) => found.get(name, text) === undefined)
      const type = noun.fields[field]
      const isEmail = type?.kind === 'data' && type.type === 'email'
      const fitting = open.filter((text) => !isEmail || text.includes('@'))
      for (let at = 0; at < fitting.length; at += textsPerQuery) {
        const some = fitting.slice(at, at + textsPerQuery)
        const values = type !== undefined && hasCanonicalText(type) ? some.map(canonicalText) : some
        const filter = parseFilter({ [field]: { $in: values } }, { schema: noun, lookup: visibility.lookup })
        const request = {
          noun,
          filter,
          sort: parseSort('$id', noun),
          limit: textsPerQuery * 2,
          cursor: undefined,
          isCounted: false,
          asOfMs: undefined,
          shape: { includes: [], fields: undefined },
        }
        const { versions } = reader.page(request, caller.tenant)
        for (const { id, fields } of versions) {
          const value = fields[field]
          for (const [place, text] of some.entries())
            if (values[place] === value) found.set(name, text, found.get(name, text) === undefined ? id : undefined)
        }
      }
    }
  }
  return found
}

/** Unique fields of texts first: two entities may have one name. */
function fieldsThatName(noun: NounSchema): readonly string[] {
  const fields = Object.values(noun.fields)
  const isTextual = (type: string): boolean => type === 'string' || type === 'email'
  const unique = fields.flatMap((field) =>
    field.kind === 'data' && (field.unique || field.type === 'email') && isTextual(field.type) ? [field.name] : [],
  )
  return [
    ...unique,
    ...nameFields.filter((name) => {
      const field = noun.fields[name]
      return field?.kind === 'data' && isTextual(field.type) && !unique.includes(name)
    }),
  ]
}

/** Returns the entity that a text names as an id, of this server or of the program that wrote the file. */
export function idNamed(
  text: string,
  {
    to,
    finding,
    isThere,
  }: {
    readonly to: readonly NounSchema[]
    readonly finding: Finding
    readonly isThere: (noun: NounSchema, id: string) => boolean
  },
): string | undefined {
  const { imports } = finding.store.requests
  for (const noun of to) {
    if (parseId(text)?.prefix === noun.idPrefix && isThere(noun, text)) return text
    const id = imports.idOf(noun.name, importName(finding.system, text))
    if (id !== undefined && isThere(noun, id)) return id
  }
  return undefined
}

/** The names of each program are its own. */
export function importName(system: string, text: string): string {
  return `${system}:${text}`
}
