// The schemas of erasures.

import type { Json } from './components.ts'
import { idPatternOf, timestamp } from './field-schema.ts'

const count = (description: string): Json => ({ type: 'integer', minimum: 0, description })
const fields = { type: 'array', description: 'Names of the fields.', items: { type: 'string' } } as const
const ids = {
  type: 'array',
  description: 'Identifiers of the person, and of further entities that have values of the person.',
  minItems: 1,
  maxItems: 100,
  uniqueItems: true,
  items: { type: 'string', pattern: idPatternOf(['[a-z][a-z0-9]*']) },
} as const
const reason = { type: 'string', description: 'Reason of the erasure, which stays.' } as const
const removedOf = (more: Json): Json => ({
  type: 'object',
  description: 'What is reached of each entity type.',
  additionalProperties: {
    type: 'object',
    required: ['entities', 'fields', ...Object.keys(more)],
    properties: { entities: count('Number of entities.'), fields, ...more },
  },
})
const ofErasure = {
  id: { type: 'string', pattern: '^erasure_[0-9A-Za-z]{12}$', description: 'Identifier of the erasure.' },
  ids,
  state: { type: 'string', enum: ['running', 'done'], description: 'Whether it has ended.' },
  stage: {
    type: 'string',
    enum: ['entities', 'requests', 'files', 'done'],
    description: 'The part under way: log and state, stored answers and failures, or files.',
  },
  askedAt: { ...timestamp, description: 'Time it was asked for.' },
  askedBy: { type: 'string', description: 'Identifier of the actor who asked.' },
  reason,
  finishedAt: { ...timestamp, type: ['string', 'null'], description: 'Time it ended; null before.' },
  removed: {
    type: 'object',
    description: 'What was removed so far, without values.',
    required: ['nouns', 'logFiles', 'deletedFiles', 'storedTexts'],
    properties: {
      nouns: removedOf({
        versions: count('Versions that had such values.'),
        events: count('Rows of the log that had.'),
      }),
      logFiles: count('Files of the log that were written again.'),
      deletedFiles: count('Files that were deleted.'),
      storedTexts: count('Stored answers, plans, and messages of failures that were emptied.'),
    },
  },
} as const
const required = ['id', 'ids', 'state', 'stage', 'askedAt', 'askedBy', 'finishedAt', 'removed'] as const

export const erasureSchemas = {
  ErasureRequest: {
    type: 'object',
    description: 'The person to erase.',
    required: ['ids'],
    properties: { ids, reason: { ...reason, minLength: 1, maxLength: 300, pattern: String.raw`[^\s\u0000]` } },
    additionalProperties: false,
  },
  ErasurePreview: {
    type: 'object',
    description: 'What an erasure would reach now.',
    required: ['ids', 'nouns'],
    properties: { ids, nouns: removedOf({}) },
  },
  Erasure: { type: 'object', description: 'An erasure of a person.', required, properties: ofErasure },
  ErasureList: {
    type: 'object',
    description: 'Erasures, newest first.',
    required: ['results'],
    properties: {
      results: { type: 'array', description: 'The erasures.', items: { $ref: '#/components/schemas/Erasure' } },
    },
  },
  ErasureCertificate: {
    type: 'object',
    description: 'What an erasure has removed, and a page of the entities that it has reached.',
    required: [...required, 'entities', 'hasMore', 'cursor'],
    properties: {
      ...ofErasure,
      entities: {
        type: 'array',
        description: 'A page of the entities.',
        items: {
          type: 'object',
          required: ['type', 'id'],
          properties: {
            type: { type: 'string', description: 'Name of the entity type.' },
            id: { type: 'string', description: 'Identifier of the entity.' },
          },
        },
      },
      hasMore: { type: 'boolean', description: 'Whether there are more entities.' },
      cursor: { type: ['string', 'null'], description: 'The cursor of the next page; null on the last one.' },
    },
  },
} as const satisfies Json
