// The capabilities of an agent: the verbs that it may call, as a list of domains, Nouns and verbs such as `support`, `Contact` and
// `Ticket.resolve`. They limit writes only. An agent without the list may call what its person may call.

import {
  type Authority,
  type JsonValue,
  nounsOfDomain,
  type NounAuthority,
  type NounSchema,
  ObjectError,
} from 'digital-objects'

/** Maps a Noun to its verbs that are allowed. */
export type Capabilities = ReadonlyMap<string, 'all' | ReadonlySet<string>>

const capabilitiesMax = 200

/** Throws an ObjectError `validation_error`. */
export function parseCapabilities(value: JsonValue, schemas: readonly NounSchema[]): Capabilities {
  if (!Array.isArray(value)) throw invalid(`expects a list such as ["Ticket.resolve","crm"], got ${shown(value)}`)
  if (value.length > capabilitiesMax) throw invalid(`expects at most ${capabilitiesMax}, got ${value.length}`)
  const allowed = new Map<string, 'all' | ReadonlySet<string>>()
  for (const one of value as readonly JsonValue[]) {
    const { nouns, verb } = parseOne(one, schemas)
    for (const noun of nouns) {
      const before = allowed.get(noun)
      allowed.set(noun, verb === undefined || before === 'all' ? 'all' : new Set([...(before ?? []), verb]))
    }
  }
  return allowed
}

function parseOne(
  value: JsonValue,
  schemas: readonly NounSchema[],
): { readonly nouns: readonly string[]; readonly verb?: string } {
  const [name = '', verb, ...rest] = typeof value === 'string' ? value.split('.') : []
  const domain = verb === undefined ? nounsOfDomain(name) : undefined
  if (domain !== undefined) return { nouns: domain.filter((noun) => schemas.some((known) => known.name === noun)) }
  const schema = rest.length === 0 ? schemas.find((known) => known.name === name) : undefined
  if (schema === undefined) throw invalid(`${shown(value)} names neither a domain, an entity type nor a verb of one`)
  if (verb === undefined) return { nouns: [name] }
  if (Object.hasOwn(schema.verbs, verb)) return { nouns: [name], verb }
  throw invalid(`${name} has no verb ${shown(verb)}; its verbs are ${Object.keys(schema.verbs).join(', ')}`)
}

/** Returns the part of the authority that the capabilities leave. */
export function cutToCapabilities(authority: Authority, allowed: Capabilities): Authority {
  const names = new Set([...Object.keys(authority.nouns), ...allowed.keys()])
  const nouns = [...names].map((name): readonly [string, NounAuthority] => {
    const granted = (Object.hasOwn(authority.nouns, name) ? authority.nouns[name] : undefined) ?? authority.others
    return [name, cut(granted, allowed.get(name))]
  })
  return { ...authority, nouns: Object.fromEntries(nouns), others: cut(authority.others, undefined) }
}

function cut(granted: NounAuthority, allowed: 'all' | ReadonlySet<string> | undefined): NounAuthority {
  if (allowed === 'all') return granted
  if (allowed === undefined) return { ...granted, write: 'none', verbs: [] }
  return { ...granted, verbs: [...allowed].filter((verb) => granted.verbs === 'all' || granted.verbs.includes(verb)) }
}

function shown(value: JsonValue): string {
  return JSON.stringify(value).slice(0, 80)
}

function invalid(message: string): ObjectError {
  return new ObjectError({ code: 'validation_error', field: 'capabilities', message: `capabilities: ${message}` })
}
