// The scopes of a key, which cut what its owner may do: `read`, `write`, `verb` or `admin`, for all Nouns, those of a domain,
// or one: `read,write:content,verb:Deal`. A key without scopes may do what its owner may do.

import { type Authority, domains, type NounAuthority, type NounSchema, ObjectError } from 'digital-objects'

const actions = ['read', 'write', 'verb', 'admin'] as const
type Action = (typeof actions)[number]

export interface Scope {
  readonly action: Action
  /** Names of Nouns; undefined for all. */
  readonly nouns: readonly string[] | undefined
}

/** Nouns that give rights: a scope for all Nouns reads them only. */
const guarded = ['ApiKey', 'User', 'Agent', 'Workflow', 'Function']
const scopesMax = 50
const nothing: NounAuthority = { read: 'none', write: 'none', hidden: [], verbs: [] }

/** Throws an ObjectError `validation_error`. */
export function parseScopes(text: string, schemas: readonly NounSchema[]): readonly Scope[] {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.length > scopesMax) throw invalid(`expects at most ${scopesMax} scopes, got ${parts.length}`)
  return parts.map((part) => parseScope(part, schemas))
}

function parseScope(text: string, schemas: readonly NounSchema[]): Scope {
  const [name = '', target, ...rest] = text.split(':')
  const action = actions.find((known) => known === name)
  const shown = JSON.stringify(text.slice(0, 64))
  if (action === undefined || rest.length > 0)
    throw invalid(`expects read, write, verb or admin, and :domain or :Noun after it, got ${shown}`)
  if (target === undefined || target === 'all') {
    if (action === 'verb') throw invalid(`verb expects a domain or a Noun after it, such as verb:Deal, got ${shown}`)
    return { action, nouns: undefined }
  }
  if (Object.hasOwn(domains, target)) return { action, nouns: domains[target as keyof typeof domains] }
  if (schemas.some((schema) => schema.name === target)) return { action, nouns: [target] }
  throw invalid(`${shown} names neither a domain nor a Noun; domains are ${Object.keys(domains).join(', ')}`)
}

/** Returns the part of the authority that the scopes leave. */
export function cutToScopes(authority: Authority, scopes: readonly Scope[], schemas: readonly NounSchema[]): Authority {
  const forAll = scopes.filter(({ nouns }) => nouns === undefined).map(({ action }) => action)
  if (forAll.includes('admin')) return authority
  const named = [...Object.keys(authority.nouns), ...guarded, ...scopes.flatMap(({ nouns = [] }) => nouns)]
  const entries = [...new Set(named)].flatMap((name) => {
    const schema = schemas.find((known) => known.name === name)
    if (schema === undefined) return []
    const own = scopes.filter(({ nouns }) => nouns?.includes(name)).map(({ action }) => action)
    const others = guarded.includes(name) && forAll.length > 0 ? (['read'] as const) : forAll
    const granted = Object.hasOwn(authority.nouns, name) ? authority.nouns[name] : authority.others
    return [[name, cut(granted ?? nothing, [...own, ...others], schema)] as const]
  })
  return { ...authority, nouns: Object.fromEntries(entries), others: cut(authority.others, forAll) }
}

function cut(granted: NounAuthority, allowed: readonly Action[], schema?: NounSchema): NounAuthority {
  if (allowed.includes('admin') || allowed.includes('write')) return granted
  if (allowed.length === 0) return nothing
  const readable: NounAuthority = { ...granted, write: 'none', verbs: [] }
  if (!allowed.includes('verb') || schema === undefined) return readable
  const custom = Object.values(schema.verbs).filter(({ category }) => category === 'custom')
  const verbs = custom.map(({ name }) => name).filter((name) => granted.verbs === 'all' || granted.verbs.includes(name))
  return { ...granted, verbs }
}

function invalid(message: string): ObjectError {
  return new ObjectError({ code: 'validation_error', field: 'scopes', message: `scopes: ${message}` })
}
