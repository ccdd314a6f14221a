// The schemas of approvals, and of the rules that demand them.

import { approvalRulesMax, approvalStatuses, callerKinds, type NounSchema, verbKinds } from 'digital-objects'
import type { Json } from './components.ts'
import { idPatternOf, textPattern, timestamp } from './field-schema.ts'

const text = (description: string): Json => ({ type: 'string', description })
const list = (items: Json, description: string): Json => ({ type: 'array', description, items })
const chosen = (names: readonly string[], description: string): Json => ({
  ...list({ type: 'string', enum: names }, description),
  minItems: 1,
  maxItems: names.length,
})
const word = { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_]{0,63}$' }
const words = (description: string): Json => ({ ...list(word, description), minItems: 1, maxItems: 100 })

const properties = {
  id: { type: 'string', pattern: idPatternOf(['approval']), description: 'Identifier of the approval.' },
  status: { type: 'string', enum: [...approvalStatuses], description: 'State of the approval.' },
  requestedBy: text('Identifier of the caller who asked, as whom the commit is made.'),
  onBehalfOf: text('Identifier of the user for whom an agent asked.'),
  key: text('Identifier of the key with which the caller asked.'),
  via: text('Interface over which the caller asked.'),
  requestedAt: { ...timestamp, description: 'Time it was asked for.' },
  expiresAt: { ...timestamp, description: 'Time from which nobody can approve it.' },
  reasons: list({ $ref: '#/components/schemas/ApprovalReason' }, 'The changes that need consent; at most 20.'),
  eventCount: { type: 'integer', minimum: 0, description: 'Number of events that the commit would make.' },
  events: list({ $ref: '#/components/schemas/LogEvent' }, 'The first of these events; lists leave them out.'),
  decidedAt: { ...timestamp, description: 'Time of the decision.' },
  decidedBy: text('Identifier of the person who decided.'),
  note: text('Reason that the person gave.'),
  commit: { type: 'integer', minimum: 1, description: 'Number of the commit that was made.' },
  result: { description: 'Answer that the request has now, right after its approval.' },
  next: text('Identifier of the approval that took the place of this outdated one.'),
} as const

const required = ['id', 'status', 'requestedBy', 'via', 'requestedAt', 'expiresAt', 'reasons', 'eventCount']

export const approvalSchemas = {
  Approval: { type: 'object', description: 'A commit that waits for the consent of a person.', required, properties },
  ApprovalList: {
    type: 'object',
    description: 'The newest approvals, newest first.',
    required: ['results'],
    properties: { results: list({ $ref: '#/components/schemas/Approval' }, 'The approvals.') },
  },
  ApprovalReason: {
    type: 'object',
    description: 'A change that needs consent.',
    required: ['rule', 'call', 'id'],
    properties: {
      rule: text('Name of the rule that says so.'),
      call: text('The verb, such as Payment.refund.'),
      id: text('Identifier of the entity.'),
    },
  },
  TextOrigins: {
    type: 'object',
    description: 'The texts of an entity that strangers wrote.',
    required: ['results'],
    properties: { results: list({ $ref: '#/components/schemas/TextOrigin' }, 'The texts, by field.') },
  },
  TextOrigin: {
    type: 'object',
    description: 'A text that strangers wrote.',
    required: ['field', 'origin', 'seq'],
    properties: {
      field: text('Name of the field.'),
      origin: text(
        'Where it comes from: form, message, ticket, webhook, bank, stripe, public, program, or a name of your own.',
      ),
      seq: { type: 'integer', minimum: 1, description: 'Number of the event that wrote it.' },
    },
  },
  ApprovalRefusal: {
    type: 'object',
    description: 'The reason of a refusal.',
    properties: {
      reason: {
        type: ['string', 'null'],
        maxLength: 500,
        pattern: textPattern,
        description: 'Reason, for whoever asked.',
      },
    },
    additionalProperties: false,
  },
} as const satisfies Json

/** The schema of a rule of approval, by the tenant's Nouns. */
export function approvalRuleSchema(nouns: readonly NounSchema[]): Json {
  return {
    type: 'object',
    description:
      'A rule of approval. A change needs the consent of a person if all parts of a rule apply; a part that is left out always does.',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        minLength: 1,
        maxLength: 100,
        pattern: textPattern,
        description: 'Name that people see; each rule has another one.',
      },
      types: {
        ...chosen(
          nouns.map(({ name }) => name),
          'Entity types.',
        ),
        maxItems: 100,
      },
      verbs: words('Verbs, such as create and refund.'),
      kinds: chosen(verbKinds, 'Kinds of verbs.'),
      where: {
        type: 'object',
        description: 'Filter that the entity matches after the change, or before its deletion; needs one entity type.',
      },
      callers: chosen(callerKinds, 'Kinds of callers: agents and other programs, keys, and people.'),
      actors: words('Identifiers of users, agents and keys.'),
      hours: { type: 'string', enum: ['business', 'other'], description: 'Inside or outside of the business hours.' },
    },
    additionalProperties: false,
  }
}

export const approvalRuleList: Json = {
  type: 'array',
  description: 'The rules of approval.',
  maxItems: approvalRulesMax,
  items: { $ref: '#/components/schemas/ApprovalRule' },
}
