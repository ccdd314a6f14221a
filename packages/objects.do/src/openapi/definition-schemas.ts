// Schemas of a definition: its parts, as PUT and PATCH of `/schema/{noun}` take them.

import { deletionFates, nounRoles } from 'digital-objects'
import { type Json, ref } from './components.ts'

const string = { type: 'string' } as const
const text = (description: string): Json => ({ ...string, description })

const definitionParts = {
  fields: {
    type: 'object',
    additionalProperties: { type: ['string', 'null'] },
    description: 'Fields, relations and verbs by name, such as {"name":"string!","drive":"Driven"}',
  },
  about: { type: 'string', description: 'One sentence that describes the entity type' },
  descriptions: {
    type: 'object',
    additionalProperties: string,
    description: 'Sentences that describe fields and verbs, by name',
  },
  indexes: {
    type: 'array',
    items: ref('DefinitionIndex'),
    description: 'Indexes on paths inside json fields, such as {"path":"metadata.externalId","unique":true}',
  },
  state: { type: 'string', description: 'The enum field to which transitions, states and categories apply' },
  transitions: {
    type: 'array',
    items: ref('DefinitionTransition'),
    description: 'Allowed changes of the state, such as {"from":["Calm"],"verb":"drive","to":"Busy"}',
  },
  strict: { type: 'boolean', description: 'False if the transitions are a guide, and are not enforced' },
  states: {
    type: 'object',
    additionalProperties: ref('DefinitionStateFields'),
    description: 'Fields that belong to each value of the state, such as {"Busy":{"holds":["busySince"]}}',
  },
  categories: {
    type: 'object',
    additionalProperties: string,
    description: 'Category of each value of the state, for metrics',
  },
  schedules: {
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    description:
      'Verbs that the server calls by itself, such as {"at":"dueAt","when":{"status":"Open"},"call":"remind"}',
  },
  role: { type: 'string', enum: nounRoles, description: 'The part of the product that works with its entities' },
  effects: {
    type: 'object',
    description: 'Effects of verbs besides setting the state, by name; those in related act on other entities',
  },
  onDelete: {
    type: 'object',
    additionalProperties: ref('DeletionRule'),
    description: 'Fate of the entity when the entity that a reference names is deleted, by reference',
  },
  bounds: {
    type: 'array',
    items: { anyOf: [string, ref('DefinitionBound')] },
    description: 'Comparisons that hold after every write, such as "0 < amount <= total"',
  },
  fills: {
    type: 'object',
    description: 'Values that fields get at creation unless the caller gives them, in the form of effects, by field',
  },
  numbers: {
    type: 'object',
    additionalProperties: ref('DefinitionNumber'),
    description: 'Numbers without gaps that unique string fields get, by field',
  },
  frozen: {
    type: 'array',
    items: ref('DefinitionFrozen'),
    description: 'Fields that callers cannot change, and entities that they cannot delete',
  },
} as const satisfies Json

export const definitionSchemas = {
  Definition: {
    type: 'object',
    description: 'The definition of an entity type.',
    required: ['fields'],
    properties: definitionParts,
    additionalProperties: false,
  },
  DefinitionAdditions: {
    type: 'object',
    description: 'Additions to the definition of an entity type.',
    properties: definitionParts,
    additionalProperties: false,
  },
  DeletionRule: {
    description:
      'Restrict refuses the deletion, cascade deletes the entity too, clear empties the reference, keep leaves it.',
    oneOf: [{ type: 'string', enum: deletionFates }, ref('DeletionRuleByState')],
  },
  DefinitionIndex: {
    type: 'object',
    description: 'An index on one path inside a json field.',
    required: ['path'],
    properties: {
      path: text('Field and keys, such as metadata.externalId.'),
      unique: { type: 'boolean', description: 'True if no two entities may have the same value.' },
    },
    additionalProperties: false,
  },
  DefinitionTransition: {
    type: 'object',
    description: 'An allowed change of the state field.',
    required: ['from', 'verb', 'to'],
    properties: {
      from: { type: 'array', items: string, description: 'States before; empty if the verb creates the entity.' },
      verb: text('Name of the verb.'),
      to: text('State after the verb.'),
      irreversible: { type: 'boolean', description: 'True if rollback cannot reverse the change.' },
      named: { type: 'boolean', description: 'True if the verb leads there only when the caller sends the state.' },
    },
    additionalProperties: false,
  },
  DefinitionStateFields: {
    type: 'object',
    description: 'The fields that belong to one value of the state field.',
    properties: {
      sets: {
        type: 'object',
        additionalProperties: { type: 'object', description: 'Value of the field, as in effects of verbs.' },
        description: 'Values of fields when an entity enters the state, by field.',
      },
      holds: {
        type: 'array',
        items: string,
        description: 'Fields that have a value only in the states that list them.',
      },
    },
    additionalProperties: false,
  },
  DefinitionState: {
    type: 'object',
    description: 'Values of an enum field in which a rule applies.',
    required: ['field', 'values'],
    properties: {
      field: text('Name of the enum field.'),
      values: { type: 'array', items: string, description: 'The values.' },
    },
    additionalProperties: false,
  },
  DefinitionBound: {
    type: 'object',
    description: 'A comparison that holds in some states.',
    required: ['rule'],
    properties: {
      rule: text('The comparison, such as amountDue = 0.'),
      while: { ...ref('DefinitionState'), description: 'The states in which it holds.' },
    },
    additionalProperties: false,
  },
  DefinitionNumber: {
    type: 'object',
    description: 'The numbers that a field gets.',
    required: ['pattern', 'by'],
    properties: {
      pattern: text('The number, with {number} or {number:4}, and {year}, {month} and {day}.'),
      by: text('The verb that assigns it.'),
    },
    additionalProperties: false,
  },
  DefinitionFrozen: {
    type: 'object',
    description: 'Fields that callers cannot change.',
    properties: {
      fields: { type: 'array', items: string, description: 'Names of the fields.' },
      while: { ...ref('DefinitionState'), description: 'The states in which they are frozen; all by default.' },
      onCreate: { type: 'boolean', description: 'True if callers cannot set the fields at creation either.' },
      delete: { type: 'boolean', description: 'True if the entity cannot be deleted.' },
    },
    additionalProperties: false,
  },
} as const satisfies Json
