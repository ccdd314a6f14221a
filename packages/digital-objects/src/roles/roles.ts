// Roles: what members of a tenant may do, by the name of their role. Owner and Admin may do everything. A tenant may change
// the others and add its own. A role grants, for each Noun, the rows to read and write, verbs and hidden fields, as an
// authority does; `$me` stands for the member.

import { type Authority, fullAuthority, isFullAuthority, type NounAuthority, nothing } from '../authority/authority.ts'
import { authorityCharactersMax, parseGranted, parseNouns } from '../authority/parse-authority.ts'
import { deepFreeze } from '../base/deep-freeze.ts'
import type { JsonValue } from '../base/entity.ts'
import { isPlainObject } from '../base/is-object.ts'
import { ObjectError } from '../base/object-error.ts'
import { nouns as vocabulary } from '../nouns/all-nouns.ts'

export interface Role {
  /** Describes the role in one sentence. */
  readonly about?: string
  readonly nouns: Authority['nouns']
  /** Applies to every Noun that `nouns` does not name. */
  readonly others: NounAuthority
}

export type Roles = Readonly<Record<string, Role>>

const rolesMax = 50
const sentenceCharactersMax = 300

const { others: everything } = fullAuthority('')
const visible: NounAuthority = { read: 'all', write: 'none', hidden: [], verbs: [] }

/** Roles that no tenant can change, so that somebody can always change the others. */
const fixed = ['Owner', 'Admin']

/** Verbs of kind `pays` that only record what was received. Any other gives up money, or pays it back. */
const receiving = ['Payment.capture', 'Invoice.pay']

/** Grants all but the verbs that give money away. Nouns of services are not named: a server may lack their service. */
const withoutPaying = Object.fromEntries(
  Object.values(vocabulary).flatMap(({ $schema }): [string, NounAuthority][] => {
    const { name, verbs } = $schema
    const pays = (verb: string): boolean =>
      verbs[verb]?.effect.does?.includes('pays') === true && !receiving.includes(`${name}.${verb}`)
    const granted = Object.keys(verbs).filter((verb) => !pays(verb))
    return granted.length === Object.keys(verbs).length ? [] : [[name, { ...everything, verbs: granted }]]
  }),
)

const builtIn: Roles = deepFreeze({
  Owner: { about: 'Everything, including keys, members, rules and definitions.', nouns: {}, others: everything },
  Admin: { about: 'Everything, including keys, members, rules and definitions.', nouns: {}, others: everything },
  Member: {
    about: 'Reads and writes all entities, but no keys, members and workflows, and gives no money away.',
    // A workflow acts with authority over all data.
    nouns: { ...withoutPaying, User: visible, Workflow: visible, ApiKey: nothing },
    others: everything,
  },
  Viewer: { about: 'Reads all entities but keys.', nouns: { ApiKey: nothing }, others: visible },
})

/** Returns all roles of a tenant: the built-in ones, and those that it has set. */
export function completeRoles(stored: Roles): Roles {
  return { ...builtIn, ...stored }
}

/** Returns what the role grants to the principal. */
export function authorityOfRole({ nouns, others }: Role, who: string): Authority {
  return { who, nouns, others }
}

/** Parses `{ roles: { Sales: { about, nouns, others } } }`. Throws an ObjectError `invalid_authority` that names the field. */
export function parseRoles(body: Readonly<Record<string, JsonValue>>): Roles {
  const { roles, ...unknown } = body
  refuseUnknown(unknown, '')
  if (!isPlainObject(roles)) throw invalid('roles', 'expects an object of roles by name')
  const entries = Object.entries(roles)
  if (entries.length > rolesMax) throw invalid('roles', `expects at most ${rolesMax} roles, got ${entries.length}`)
  return deepFreeze(Object.fromEntries(entries.map(([name, role]) => [name, parseRole(name, role)])))
}

function parseRole(name: string, value: unknown): Role {
  const field = `roles.${name.slice(0, 64)}`
  if (fixed.includes(name)) throw invalid(field, 'may do everything, which cannot be changed')
  if (!isPlainObject(value)) throw invalid(field, 'expects an object with nouns and others')
  const { about, nouns = {}, others, ...unknown } = value
  refuseUnknown(unknown, `${field}.`)
  if (about !== undefined && (typeof about !== 'string' || about.length > sentenceCharactersMax))
    throw invalid(`${field}.about`, `expects a sentence of at most ${sentenceCharactersMax} characters`)
  const role: Role = {
    ...(about === undefined ? {} : { about }),
    nouns: parseNouns(nouns, `${field}.nouns`),
    others: others === undefined ? nothing : parseGranted(others, `${field}.others`),
  }
  if (isFullAuthority(authorityOfRole(role, '')))
    throw invalid(field, 'grants everything, as the role Admin does: leave something out')
  // The authority names its principals too.
  if (JSON.stringify(role).length > authorityCharactersMax - principalsCharacters)
    throw invalid(field, `expects at most ${authorityCharactersMax - principalsCharacters} characters`)
  return role
}

const principalsCharacters = 500

function refuseUnknown(members: Readonly<Record<string, unknown>>, field: string): void {
  const [stray] = Object.keys(members)
  if (stray !== undefined) throw invalid(`${field}${stray.slice(0, 64)}`, 'is not a member of the rules')
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_authority', field, message: `${field} ${message}` })
}
