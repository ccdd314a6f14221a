// Compiles an authority for a tenant's Nouns: rules become filters for the executors, and names are checked against the
// definitions. It fails closed: a Noun with a wrong rule or an unknown hidden field is not readable, and `faults` says why.

import {
  type Authority,
  isFullAuthority,
  type NounAuthority,
  nothing,
  type RowRule,
  withPrincipal,
} from './authority.ts'
import { fingerprintOf } from './fingerprint.ts'
import { fullVisibility, type Visibility } from './visibility.ts'
import { visibleSchema } from './visible-schema.ts'
import { type Fault, ObjectError } from '../base/object-error.ts'
import { unreachable } from '../base/unreachable.ts'
import { type Filter, matchNone } from '../filter/filter.ts'
import { parseFilter } from '../filter/parse-filter.ts'
import type { NounLookup, NounSchema } from '../noun/schema.ts'

/** The verbs that a caller may call, and the entities that it may write. */
export interface Permission {
  /** Whether the caller may call the verb on some entity. */
  mayCall(noun: string, verb: string): boolean
  /** Returns a filter for the entities of a Noun that the caller may write, or undefined for all. */
  writableRows(noun: string): Filter | undefined
}

export interface CompiledAuthority {
  readonly visibility: Visibility
  readonly permission: Permission
  /** The mistakes in the authority. Each names a path, such as `nouns.Deal.read`. */
  readonly faults: readonly Fault[]
}

export function compileAuthority(authority: Authority, lookup: NounLookup): CompiledAuthority {
  if (isFullAuthority(authority)) return everythingIn(lookup)
  const rules = new AuthorityRules(authority, lookup)
  const permission: Permission = {
    mayCall: (noun, verb) => {
      const { verbs } = rules.of(noun)
      return verbs === 'all' || verbs.includes(verb)
    },
    writableRows: (noun) => rules.of(noun).writableRows,
  }
  return {
    visibility: visibilityOver(rules, lookup),
    permission,
    get faults() {
      return rules.faults()
    },
  }
}

function visibilityOver(rules: AuthorityRules, lookup: NounLookup): Visibility {
  const schemas = new Map<string, NounSchema | undefined>()
  return {
    get fingerprint() {
      return rules.fingerprint
    },
    isFull: false,
    lookup: (name) => {
      if (!schemas.has(name)) schemas.set(name, rules.visibleSchema(lookup(name)))
      return schemas.get(name)
    },
    rows: (noun) => rules.of(noun).rows,
    searchesAllFields: (noun) => {
      const { hidden } = rules.of(noun)
      return hidden.size === 0 || lookup(noun)?.searchable.every((field) => !hidden.has(field)) === true
    },
    shown: (noun, fields) => {
      const { hidden } = rules.of(noun)
      if (hidden.size === 0) return fields
      return Object.fromEntries(Object.entries(fields).filter(([name]) => !hidden.has(name)))
    },
    hidesFields: (noun) => rules.of(noun).hidden.size > 0,
    over: (other) => visibilityOver(rules, other),
  }
}

/** A pure cache: most calls have a full authority, and a catalog has one lookup for as long as it lives. */
const full = new WeakMap<NounLookup, CompiledAuthority>()

function everythingIn(lookup: NounLookup): CompiledAuthority {
  let compiled = full.get(lookup)
  if (compiled === undefined) {
    compiled = { visibility: fullVisibility(lookup), permission: everyPermission, faults: [] }
    full.set(lookup, compiled)
  }
  return compiled
}

const everyPermission: Permission = { mayCall: () => true, writableRows: () => undefined }

/** The compiled rules of one Noun. */
interface Rules {
  readonly isReadable: boolean
  readonly rows: Filter | undefined
  readonly writableRows: Filter | undefined
  readonly hidden: ReadonlySet<string>
  readonly verbs: NounAuthority['verbs']
  readonly faults: readonly Fault[]
}

const noRules = { isReadable: false, rows: matchNone, writableRows: matchNone, hidden: new Set<string>(), verbs: [] }

class AuthorityRules {
  readonly #authority: Authority
  readonly #lookup: NounLookup
  readonly #rules = new Map<string, Rules>()
  /** Names of Nouns that do not exist. Each may be a misspelling of any Noun, so `others` then grants nothing. */
  readonly #unknown: readonly string[]
  #fingerprint: string | undefined

  constructor(authority: Authority, lookup: NounLookup) {
    this.#authority = authority
    this.#lookup = lookup
    this.#unknown = Object.keys(authority.nouns).filter((name) => lookup(name)?.name !== name)
  }

  of(noun: string): Rules {
    const known = this.#rules.get(noun)
    if (known !== undefined) return known
    const rules = this.#compile(noun)
    this.#rules.set(noun, rules)
    return rules
  }

  get fingerprint(): string {
    this.#fingerprint ??= fingerprintOf(this.#authority)
    return this.#fingerprint
  }

  visibleSchema(schema: NounSchema | undefined): NounSchema | undefined {
    if (schema === undefined || !this.of(schema.name).isReadable) return undefined
    return visibleSchema(schema, {
      isHidden: (noun, field) => this.of(noun).hidden.has(field),
      isReadable: (noun) => this.of(noun).isReadable,
    })
  }

  faults(): readonly Fault[] {
    const unknown = this.#unknown.map((name) => ({ field: `nouns.${name}`, message: 'is not the name of a Noun' }))
    const named = Object.keys(this.#authority.nouns).filter((name) => !this.#unknown.includes(name))
    return [...unknown, ...named.flatMap((name) => this.of(name).faults)]
  }

  #compile(noun: string): Rules {
    const { nouns, others, who } = this.#authority
    const schema = this.#lookup(noun)
    if (schema === undefined || schema.name !== noun) return { ...noRules, faults: [] }
    const isNamed = Object.hasOwn(nouns, noun)
    const named = isNamed ? nouns[noun] : undefined
    const granted = named ?? (this.#unknown.length === 0 ? others : nothing)
    const prefix = isNamed ? `nouns.${noun}` : 'others'
    const parts = { schema, lookup: this.#lookup, who }
    const read = compileRule(granted.read, { ...parts, path: `${prefix}.read` })
    const write = compileRule(granted.write, { ...parts, path: `${prefix}.write` })
    // `others` may hide fields that only some Nouns have, so they are unknown only for a named Noun.
    const isField = (name: string): boolean => Object.hasOwn(schema.fields, name)
    const strays = isNamed ? granted.hidden.filter((name) => !isField(name)) : []
    const faults = [
      ...[read, write].flatMap(({ fault }) => fault ?? []),
      ...strays.map((name) => ({ field: `${prefix}.hidden`, message: `${noun} has no field '${name}'` })),
    ]
    if (faults.length > 0 || granted.read === 'none') return { ...noRules, faults }
    const hidden = new Set(granted.hidden.filter(isField))
    return { isReadable: true, rows: read.filter, writableRows: write.filter, hidden, verbs: granted.verbs, faults }
  }
}

interface RuleParts {
  readonly schema: NounSchema
  readonly lookup: NounLookup
  readonly who: string
  readonly path: string
}

/** Returns an undefined filter if the rule matches every entity. */
function compileRule(
  rule: RowRule,
  { schema, lookup, who, path }: RuleParts,
): { readonly filter: Filter | undefined; readonly fault?: Fault } {
  if (rule === 'all') return { filter: undefined }
  if (rule === 'none') return { filter: matchNone }
  try {
    const filter = parseFilter(withPrincipal(rule, who), { schema, lookup, principal: who })
    if (filter.kind === 'and' && filter.of.length === 0) return { filter: undefined }
    if (countLeaves(filter) <= leavesMax) return { filter }
    const message = `expects at most ${leavesMax} conditions, and neither $text nor $regex`
    return { filter: matchNone, fault: { field: path, message } }
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    return { filter: matchNone, fault: { field: path, message: error.message } }
  }
}

/** Limits a rule, because it is added to every statement that reads its Noun, and a statement binds at most 100 values. */
const leavesMax = 16

/** Returns Infinity if a leaf cannot be decided for a single row. */
function countLeaves(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.reduce((sum, part) => sum + countLeaves(part), 0)
    case 'not':
      return countLeaves(filter.of)
    case 'compare':
    case 'compareFields':
    case 'in':
    case 'exists':
      return 1
    case 'text':
    case 'regex':
      return Infinity
    default:
      return unreachable(filter)
  }
}
