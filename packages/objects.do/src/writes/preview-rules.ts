// `rules.preview`: what a member would see under given rules, or the members who would see an entity, and why. It changes
// nothing; without rules it is about those of today.

import {
  type Authority,
  completeRoles,
  type EntityFields,
  type JsonValue,
  type NounAuthority,
  type NounSchema,
  ObjectError,
  parseId,
  type Roles,
} from 'digital-objects'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { type Body, parseBody } from './parse-body.ts'
import { checkedRoles } from './put-rules.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from './write.ts'

/** Members that are examined for one entity. */
const membersMax = 100

export const previewRules: Write = {
  kind: 'write',
  name: 'rules.preview',
  about: 'Show what a member would see under rules that are not active yet, or who would see an entity, and why',
  routes: [{ methods: ['POST'], path: '/rules/preview' }],
  listedAs: { tag: 'access', operationId: 'rules.preview' },
  parameters: {},
  body: { isRequired: true, schema: () => ref('RulesPreview') },
  responses: () => ({ 200: jsonResponse('What the member sees, or who sees the entity', ref('RulesPreviewed')) }),
  isWhole: true,

  async perform(parts, asked): Promise<WriteResult> {
    requireFullAuthority(asked.caller, 'a rule')
    const { roles, member, entity, ...unknown } = parseBody(asked.call.body)
    const [stray] = Object.keys(unknown)
    if (stray !== undefined) throw invalid(stray.slice(0, 64), 'is unknown: expected roles, and member or entity')
    const given = roles === undefined ? parts.store.rules.current : proposedRoles(parts, roles)
    const preview = new Preview(parts, asked, given)
    const body =
      member === undefined
        ? preview.membersWhoSee(textOf('entity', entity))
        : preview.seenBy(oneOf(textOf('member', member), entity))
    return { body: JSON.stringify(body) }
  },
}

function proposedRoles(parts: WriteParts, roles: JsonValue): Roles {
  return completeRoles(checkedRoles(parts, JSON.stringify({ roles })))
}

class Preview {
  readonly #parts: WriteParts
  readonly #asked: WriteAsked
  readonly #roles: Roles

  constructor(parts: WriteParts, asked: WriteAsked, roles: Roles) {
    this.#parts = parts
    this.#asked = asked
    this.#roles = roles
  }

  seenBy(member: string): JsonValue {
    const authority = this.#authorityOf(member)
    const { nouns } = this.#parts.store.catalog.current
    const seen = nouns.map((noun) => [noun.name, this.#seenOf(noun, authority)] as const)
    return { member, mayCall: authority !== undefined, nouns: Object.fromEntries(seen) }
  }

  membersWhoSee(entity: string): JsonValue {
    const noun = this.#nounOf(entity)
    const parameters = { limit: String(membersMax) }
    const page = this.#read(this.#asked.caller.authority, { read: 'find', noun: 'User', parameters })
    const { results, hasMore } = page as unknown as { results: readonly EntityFields[]; hasMore: boolean } // the list's form
    const members = results.flatMap(({ $id, name = null, role = null }) => {
      const authority = this.#authorityOf(String($id))
      if (authority === undefined) return []
      const seen = this.#read(authority, { read: 'get', noun: noun.name, id: entity })
      if (seen === undefined) return []
      const { read, hidden } = grantedOf(authority, noun.name)
      return [{ member: String($id), name, role, read, hidden }]
    })
    return { entity, members, hasMore }
  }

  #seenOf(noun: NounSchema, authority: Authority | undefined): JsonValue {
    if (authority === undefined) return { read: 'none', write: 'none', hidden: [], verbs: [], visible: 0 }
    const counted = this.#read(authority, { read: 'count', noun: noun.name })
    const { count = 0 } = (counted ?? {}) as { readonly count?: number } // the read's form
    return { ...grantedOf(authority, noun.name), visible: counted === null ? null : count }
  }

  #authorityOf(member: string): Authority | undefined {
    return this.#parts.store.keys.identity?.authorityOf(member, this.#roles)
  }

  #nounOf(entity: string): NounSchema {
    const prefix = parseId(entity)?.prefix
    const noun = this.#parts.store.catalog.current.nouns.find(({ idPrefix }) => idPrefix === prefix)
    if (noun === undefined) throw invalid('entity', `expects the id of an entity, got '${entity.slice(0, 64)}'`)
    return noun
  }

  /** Returns the body of the answer; undefined if the caller does not see the entity or its Noun; null if counting takes too long. */
  #read(
    authority: Authority,
    call: {
      readonly read: string
      readonly noun: string
      readonly id?: string
      readonly parameters?: Readonly<Record<string, string>>
    },
  ): JsonValue | undefined {
    const caller = { ...this.#asked.caller, authority }
    try {
      const asked = { kind: 'read', parameters: {}, ...call } as const
      return JSON.parse(this.#parts.calls.read(this.#parts.store, { caller, call: asked }).body) as JsonValue // our own read
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      if (error.code === 'not_found') return undefined
      if (error.code === 'scan_limit' && call.read === 'count') return null
      throw error
    }
  }
}

function grantedOf({ nouns, others }: Authority, noun: string): NounAuthority {
  return (Object.hasOwn(nouns, noun) ? nouns[noun] : undefined) ?? others
}

function oneOf(member: string, entity: Body[string] | undefined): string {
  if (entity === undefined) return member
  throw invalid('entity', 'is for a request without member')
}

function textOf(field: string, value: Body[string] | undefined): string {
  if (typeof value === 'string' && value.length <= 128) return value
  throw invalid(field, `expects an id${field === 'entity' ? ', or name a member' : ''}`)
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'validation_error', field, message: `${field} ${message}` })
}
