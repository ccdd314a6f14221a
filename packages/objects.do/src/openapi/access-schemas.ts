// The schemas of roles and rules, and of the caller.

import { auditKinds, type NounSchema, secretCharactersMax, secretNamePattern } from 'digital-objects'
import { approvalRuleList, approvalRuleSchema, approvalSchemas } from './approval-schemas.ts'
import type { Json } from './components.ts'
import { idPatternOf, timestamp } from './field-schema.ts'

const rule = {
  description: 'All entities, none, or those that match the filter, in which $me stands for the member.',
  oneOf: [{ type: 'string', enum: ['all', 'none'] }, { type: 'object' }],
} as const
const names = { type: 'array', items: { type: 'string', minLength: 1, maxLength: 64 }, maxItems: 200 } as const
const grant = {
  type: 'object',
  properties: {
    read: { ...rule, description: `Entities that may be read. ${rule.description}` },
    write: { ...rule, description: `Entities that may be written. ${rule.description}` },
    hidden: { ...names, description: 'Names of fields that do not exist for the member.' },
    verbs: {
      description: 'Verbs that may be called, such as create and qualify.',
      oneOf: [{ type: 'string', const: 'all' }, names],
    },
  },
  additionalProperties: false,
} as const
const nouns = {
  type: 'object',
  description: 'What is granted, by entity type.',
  propertyNames: { pattern: '^[A-Z][A-Za-z0-9]{0,62}$' },
  additionalProperties: { $ref: '#/components/schemas/Grant' },
} as const
const others = {
  $ref: '#/components/schemas/Grant',
  description: 'What is granted of every entity type that is not named.',
} as const
const role = {
  type: 'object',
  properties: {
    about: { type: 'string', maxLength: 300, description: 'Describes the role in one sentence.' },
    nouns,
    others,
  },
  additionalProperties: false,
} as const
const text = (description: string): Json => ({ type: 'string', description })

const roles = {
  type: 'object',
  description: 'Roles by name, which are values of User.role.',
  additionalProperties: { $ref: '#/components/schemas/Role' },
} as const
/** Their roles may do everything, which cannot be changed. */
const fixedRoles: readonly string[] = ['Owner', 'Admin']

const ofAccess = {
  Grant: { ...grant, description: 'What is granted of one entity type; what is left out is not granted.' },
  Role: { ...role, description: 'What members with the role may do.' },
  Rules: {
    type: 'object',
    description: 'All rules of the tenant.',
    required: ['roles', 'approvals'],
    properties: {
      roles,
      approvals: approvalRuleList,
      version: {
        type: 'integer',
        minimum: 0,
        description: 'The version of the rules, 0 until the tenant has set any; absent as of a past time.',
      },
    },
  },
  RulesPreviewed: {
    type: 'object',
    description: 'What the member would see of each entity type, or the members who would see the entity.',
    properties: {
      member: text('Identifier of the member.'),
      mayCall: { type: 'boolean', description: 'Whether the member may call at all.' },
      nouns: {
        type: 'object',
        description: 'What is granted and how many entities are visible, by entity type.',
        additionalProperties: { type: 'object' },
      },
      entity: text('Identifier of the entity.'),
      members: {
        type: 'array',
        description: 'The members, each with the rule by which it sees the entity.',
        items: { type: 'object' },
      },
      hasMore: { type: 'boolean', description: 'Whether there are more members than were examined.' },
    },
  },
  AuditPage: {
    type: 'object',
    description: 'Entries of the audit log, newest first.',
    required: ['results', 'hasMore', 'cursor'],
    properties: {
      results: { type: 'array', description: 'The entries.', items: { $ref: '#/components/schemas/AuditEntry' } },
      hasMore: { type: 'boolean', description: 'Whether there are older entries.' },
      cursor: { type: ['string', 'null'], description: 'The cursor of the next page; null on the last one.' },
    },
  },
  SecretList: {
    type: 'object',
    description: 'The secrets of the tenant, without their values.',
    required: ['results'],
    properties: {
      results: { type: 'array', description: 'The secrets.', items: { $ref: '#/components/schemas/SecretInfo' } },
    },
  },
  SecretInfo: {
    type: 'object',
    description: 'A secret, without its value.',
    required: ['name', 'setAt', 'setBy', 'key', 'isReadable'],
    properties: {
      name: { type: 'string', pattern: secretNamePattern, description: 'Name of the secret.' },
      setAt: { ...timestamp, description: 'Time it was set.' },
      setBy: text('Identifier of the actor who set it.'),
      key: { type: 'integer', minimum: 1, description: 'Number of the key that encrypts it.' },
      isReadable: { type: 'boolean', description: 'Whether the server has that key.' },
    },
  },
  SecretValue: {
    type: 'object',
    description: 'The value of a secret, which no answer has.',
    required: ['value'],
    properties: {
      value: { type: 'string', minLength: 1, maxLength: secretCharactersMax, description: 'The value.' },
    },
    additionalProperties: false,
  },
  AuditEntry: {
    type: 'object',
    description: 'A sign-in, a refusal, or a change of what callers may do.',
    required: ['at', 'kind', 'about', 'count'],
    properties: {
      at: { ...timestamp, description: 'Time of the entry.' },
      kind: { type: 'string', enum: [...auditKinds], description: 'What happened.' },
      actor: text('Identifier of the actor, as events name it; absent if nobody has proved who they are.'),
      onBehalfOf: text('Identifier of the user for whom an agent acts.'),
      key: text('Identifier of the key.'),
      about: text('The type of an event, or the name of a call.'),
      target: text('Identifier of the entity that is concerned.'),
      reason: text('Reason for which the change was forced.'),
      seq: { type: 'integer', description: 'Number of the event that says more.' },
      count: { type: 'integer', minimum: 1, description: 'How often it happened within a minute.' },
    },
  },
  Whoami: {
    type: 'object',
    description: 'The caller.',
    required: ['tenant', 'actor', 'mayDoEverything', 'nouns', 'others'],
    properties: {
      tenant: text('Name of the tenant.'),
      actor: text('Identifier that events name as their actor.'),
      onBehalfOf: text('Identifier of the user for whom an agent acts.'),
      key: text('Identifier of the key.'),
      mayDoEverything: { type: 'boolean', description: 'Whether the caller has full authority.' },
      nouns,
      others,
    },
  },
} as const satisfies Json

/** `User.role` of the tenant has the names of roles. */
export function accessSchemas(nouns: readonly NounSchema[]): Json {
  const role = nouns.find(({ name }) => name === 'User')?.fields['role']
  const names = role?.kind === 'enum' ? role.values.filter((name) => !fixedRoles.includes(name)) : []
  const given = names.length === 0 ? roles : { ...roles, propertyNames: { enum: names } }
  const nounNames = { enum: nouns.map(({ name }) => name) }
  const { Role } = ofAccess
  const idOf = (prefixes: readonly string[]): Json => ({ type: 'string', pattern: idPatternOf(prefixes) })
  return {
    ...ofAccess,
    ...approvalSchemas,
    ApprovalRule: approvalRuleSchema(nouns),
    Role: {
      ...Role,
      properties: { ...Role.properties, nouns: { ...Role.properties.nouns, propertyNames: nounNames } },
    },
    RulesChange: {
      type: 'object',
      description:
        'The roles of the tenant, besides Owner and Admin, which may do everything, and the rules of approval; what is left out stays.',
      properties: { roles: given, approvals: approvalRuleList },
      additionalProperties: false,
      anyOf: [{ required: ['roles'] }, { required: ['approvals'] }],
    },
    RulesPreview: {
      type: 'object',
      description: 'Roles to try, by default those of today, and either a member or an entity.',
      properties: {
        roles: given,
        member: { ...idOf(['user', 'agent']), description: 'Identifier of a user or agent.' },
        entity: { ...idOf(nouns.map(({ idPrefix }) => idPrefix)), description: 'Identifier of an entity.' },
      },
      additionalProperties: false,
      // Either is required, and not both.
      not: {
        anyOf: [
          { properties: { member: { type: 'null' }, entity: { type: 'null' } } },
          { properties: { member: { type: 'string' }, entity: { type: 'string' } }, required: ['member', 'entity'] },
        ],
      },
    },
  }
}
