// Notes that an agent has read texts of strangers: by the entities in its answers, whatever it has asked. An answer whose values
// cannot be told from each other, such as the groups of an aggregate, counts as soon as its entity type has such texts.

import { influencedBy, type TenantStore } from '@dotdo/do'
import { type Call, callerKindOf, isPlainObject } from 'digital-objects'
import type { Answer } from './answer.ts'
import type { Caller } from './caller.ts'

/** Reads of the present whose answers have entities as they are. */
const ofPresent = ['find', 'get', 'references', 'members']

/** Call it before the answers leave the object. Returns whether it has read such a text. */
export function noteTextsRead(
  { isReady, consent: { origins }, catalog }: TenantStore,
  caller: Caller,
  asked: { readonly calls: readonly Call[]; readonly answers: readonly Answer[] },
): boolean {
  const { authority, via } = caller
  if (!isReady || callerKindOf(authority, via) !== 'agent' || !origins.hasAny) return false
  const isRead = asked.answers.some((answer, at) => {
    const call = asked.calls[at]
    if (!answer.ok || answer.body === '') return false
    if (call === undefined) return hasText(JSON.parse(answer.body), (id) => origins.ever(id))
    const isWhole = call.kind === 'pipeline' || (call.kind === 'read' && call.read === 'aggregate')
    if (isWhole) return origins.hasPrefix(catalog.current.lookup(call.noun ?? '')?.idPrefix ?? '')
    if (call.kind === 'read' && call.read === 'diff') return origins.ever(call.id ?? '').length > 0
    const isPresent = call.kind === 'read' && ofPresent.includes(call.read) && call.parameters['asOf'] === undefined
    const fieldsOf = (id: string): readonly string[] =>
      isPresent ? origins.of(id).map(({ field }) => field) : origins.ever(id)
    return hasText(JSON.parse(answer.body), fieldsOf)
  })
  if (isRead) origins.influence(influencedBy({ actor: authority.who, key: authority.through?.id }))
  return isRead
}

/** Whether the caller is an agent that has lately read texts of strangers. */
export function isMisledAgent({ isReady, consent: { origins } }: TenantStore, { authority, via }: Caller): boolean {
  const by = influencedBy({ actor: authority.who, key: authority.through?.id })
  return isReady && callerKindOf(authority, via) === 'agent' && origins.isInfluenced(by)
}

/** Says whether files and cached answers up to the bookmark have no text of strangers, so that the front door may give them to the caller. */
export function withOwnText(
  { isReady, consent: { origins } }: TenantStore,
  { via }: Caller,
  answers: readonly Answer[],
): readonly Answer[] {
  if (via !== 'mcp' || !isReady || origins.hasAny) return answers
  return answers.map((answer) => (answer.ok ? { ...answer, isOwnText: true } : answer))
}

function hasText(value: unknown, fieldsOf: (id: string) => readonly string[]): boolean {
  if (Array.isArray(value)) return value.some((item) => hasText(item, fieldsOf))
  if (!isPlainObject(value)) return false
  const { $id: id } = value
  if (typeof id === 'string' && fieldsOf(id).some((field) => Object.hasOwn(value, field))) return true
  // The changes of an event name the fields of its target.
  const { target, changes } = value
  if (typeof target === 'string' && isPlainObject(changes) && fieldsOf(target).some((name) => name in changes))
    return true
  return Object.values(value).some((inner) => hasText(inner, fieldsOf))
}
