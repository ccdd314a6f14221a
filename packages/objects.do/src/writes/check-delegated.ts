// Delegated work: what the server performs later with the rights of all data, or of a member. A restricted caller directs it only if
// it is that member with all of its rights, or the work's own principal. Otherwise it would act with rights that it lacks.

import { type DelegatedWork, delegatedWorkOf, directingField, type Identity } from '@dotdo/do'
import { type Authority, type EntityFields, fingerprintOf, initialValue, type NounSchema } from 'digital-objects'
import { forbidden } from './forbidden.ts'

export interface DelegatedChange {
  readonly id: string
  readonly before: EntityFields | undefined
  readonly after: EntityFields | undefined
}

/** Throws an ObjectError `forbidden`. */
export function checkDelegated(
  identity: Pick<Identity, 'delegated' | 'authorityOf'>,
  schema: NounSchema,
  change: DelegatedChange & { readonly authority: Authority },
): void {
  const { authorityOf } = identity
  const work = delegatedWorkOf(identity, schema)
  const directed = work && directionOf(work, schema, change)
  if (work === undefined || directed === undefined) return
  const { id, before, after, authority } = change
  if (work.readsAllBut !== undefined && readsAll(authority, work.readsAllBut)) return
  const isPerformer = isAll(authority, id, authorityOf)
  const isOwn = [before, after].every(
    (fields) => fields === undefined || mayDirect(work, { fields, authority, authorityOf }),
  )
  if (isOwn || (isPerformer && before !== undefined && isSameOwner(work, before, after))) return
  const whose = work.owner === undefined ? '' : `, or its ${work.owner} in person,`
  const who = work.readsAllBut === undefined ? 'do' : 'read'
  throw forbidden(`only a caller who may ${who} everything${whose} may ${directed}`)
}

function readsAll({ nouns, others }: Authority, except: readonly string[]): boolean {
  const named = Object.entries(nouns).flatMap(([name, granted]) => (except.includes(name) ? [] : [granted]))
  return [others, ...named].every(({ read, hidden }) => read === 'all' && hidden.length === 0)
}

/** Returns what a change does to the work, in words; undefined if that is nothing. */
function directionOf(work: DelegatedWork, schema: NounSchema, change: DelegatedChange): string | undefined {
  const { name } = schema
  if (work.apart.length === 0) return `write a ${name}`
  if (change.after === undefined) return work.isReliedOn ? `delete a ${name}` : undefined
  const field = directingField(work, { ...change, initial: (one) => initialValue(schema, one) })
  return field === undefined ? undefined : `set ${field} of ${name}`
}

interface Direction {
  readonly fields: EntityFields
  readonly authority: Authority
  readonly authorityOf: Identity['authorityOf']
}

function mayDirect(work: DelegatedWork, { fields, authority, authorityOf }: Direction): boolean {
  if (work.owner === undefined) return false
  const owner = fields[work.owner]
  if (typeof owner !== 'string') return work.isOwnerlessFull !== true
  return isAll(authority, owner, authorityOf)
}

function isSameOwner({ owner }: DelegatedWork, before: EntityFields, after: EntityFields | undefined): boolean {
  return owner !== undefined && before[owner] === after?.[owner]
}

/** Whether the authority is that of this principal, without a limit of its key. */
function isAll(authority: Authority, principal: string, authorityOf: Identity['authorityOf']): boolean {
  if (authority.who !== principal) return false
  const whole = authorityOf(principal)
  return whole !== undefined && fingerprintOf(whole) === fingerprintOf(authority)
}
