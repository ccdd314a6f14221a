// The schemas of requests that change several entities in one commit, and of dry runs.

import { unreachable } from 'digital-objects'
import { type Json, ref, refNoun } from './components.ts'
import { idempotencyKeySchema, idPatternOf, orNull, timestamp } from './field-schema.ts'

const text = (description: string): Json => ({ type: 'string', description })
const list = (items: Json, description: string, bounds: Json = {}): Json => ({
  type: 'array',
  items,
  description,
  ...bounds,
})
const count = (description: string): Json => ({ type: 'integer', minimum: 0, description })
const status: Json = { type: 'integer', minimum: 200, maximum: 599, description: 'HTTP status of the operation.' }
const commit: Json = {
  type: ['integer', 'null'],
  minimum: 0,
  description: 'Number of the commit; null if nothing was changed.',
}

function choiceOf(noun: string): Readonly<Record<string, Json>> {
  const id = { type: 'string', pattern: idPatternOf([noun.toLowerCase()]) }
  return {
    ids: list(id, 'Identifiers of the entities.', { minItems: 1 }),
    filter: { type: 'object', additionalProperties: true, description: 'Filter, as for lists; {} chooses all.' },
  }
}

/** The body of a write of many entities of one Noun. */
export function manyBody(noun: string, kind: 'createMany' | 'updateMany' | 'deleteMany'): Json {
  const object = { type: 'object', additionalProperties: false }
  switch (kind) {
    case 'createMany':
      return {
        ...object,
        description: `Fields of new ${noun} entities.`,
        required: ['entities'],
        properties: {
          entities: list(refNoun(noun, 'Create'), 'Entities.', { minItems: 1 }),
          at: list(
            orNull(timestamp),
            'For each entity in this order, the time of its creation, if that is earlier; or null.',
            {
              minItems: 1,
            },
          ),
          keys: list(idempotencyKeySchema, 'For each entity in this order, a key under which it is created once.', {
            minItems: 1,
          }),
          atomic: { type: 'boolean', default: true, description: 'False to leave out entities that are refused.' },
        },
      }
    case 'updateMany':
      return {
        ...object,
        description: `A choice of ${noun} entities, by either ids or filter, and the fields to change.`,
        required: ['set'],
        minProperties: 2,
        maxProperties: 2,
        properties: { ...choiceOf(noun), set: refNoun(noun, 'Update') },
      }
    case 'deleteMany':
      return {
        ...object,
        description: `A choice of ${noun} entities, by either ids or filter.`,
        minProperties: 1,
        maxProperties: 1,
        properties: choiceOf(noun),
      }
    default:
      return unreachable(kind)
  }
}

export const commitSchemas = {
  Batch: {
    type: 'object',
    description: "Operations, which may use each other's results.",
    required: ['operations'],
    additionalProperties: false,
    properties: {
      atomic: { type: 'boolean', description: 'True, the default, for all operations or none.' },
      dryRun: { type: 'boolean', description: 'True to tell what the batch would do, and change nothing.' },
      operations: list(ref('BatchOperation'), 'Operations.', { minItems: 1, maxItems: 100 }),
    },
  },
  BatchOperation: {
    type: 'object',
    description: 'One request of a batch.',
    required: ['method', 'path'],
    additionalProperties: false,
    not: {
      anyOf: [
        { required: ['body'], properties: { method: { enum: ['GET', 'DELETE'] }, body: {} } },
        { required: ['ifVersion'], properties: { method: { const: 'GET' }, ifVersion: {} } },
        { required: ['at'], properties: { method: { const: 'GET' }, at: {} } },
        { required: ['force'], properties: { method: { const: 'GET' }, force: {} } },
      ],
    },
    properties: {
      id: { type: 'string', minLength: 1, maxLength: 64, description: 'Name for references; its index by default.' },
      method: { type: 'string', enum: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'], description: 'HTTP method.' },
      path: {
        anyOf: [{ type: 'string', pattern: '^/' }, ref('BatchReference')],
        description: 'Path below the tenant with its query, such as /Contact?limit=5.',
      },
      body: {
        type: 'object',
        additionalProperties: true,
        description: 'Body of POST, PATCH or PUT, in which references may stand for values.',
      },
      ifVersion: {
        anyOf: [
          { type: 'integer', minimum: 1 },
          { type: 'string', const: 'any' },
        ],
        description: 'Version that the entity must have before the write.',
      },
      at: { ...timestamp, description: 'Time at which it happened, if that is earlier; by default that of the batch.' },
      force: {
        type: 'string',
        minLength: 1,
        maxLength: 300,
        description: 'Reason for which an administrator forces the write past transitions and frozen fields.',
      },
    },
  },
  BatchReference: {
    type: 'object',
    description: 'A value of the result of another operation.',
    minProperties: 1,
    additionalProperties: false,
    // Programs would take a property with the name $ref for a reference of the document.
    patternProperties: { '^[$]ref$': text('Id of the operation.') },
    properties: {
      path: text("Field path, JSON pointer, or concat('text', field, …); $id by default."),
    },
  },
  BatchResults: {
    type: 'object',
    description: 'The results of a batch, in the order of its operations.',
    required: ['results'],
    properties: {
      results: list(ref('BatchResult'), 'Results.'),
      commit: { ...commit, description: 'Number of the commit of an atomic batch; null if nothing was changed.' },
    },
  },
  BatchResult: {
    type: 'object',
    description: 'The result of one operation.',
    required: ['id', 'status', 'body'],
    properties: {
      id: text('Id of the operation.'),
      status,
      body: { description: 'Answer of the operation, a Problem if it failed; null if it has no body.' },
      commit: { type: 'integer', minimum: 0, description: 'Number of its commit, unless the batch is atomic.' },
    },
  },
  ManyResult: {
    type: 'object',
    description: 'The result of a write of many entities.',
    required: ['commit', 'matched', 'changed', 'ids'],
    properties: {
      commit,
      matched: { type: 'integer', minimum: 0, description: 'Number of entities that were given or chosen.' },
      changed: { type: 'integer', minimum: 0, description: 'Number of entities that the commit changed.' },
      ids: list({ type: 'string' }, 'Identifiers of the entities.'),
      refusals: list(ref('BulkRefusal'), 'With atomic: false, the entities that were refused.'),
    },
  },
  StartedJob: {
    type: 'object',
    description: 'The job that a write beyond the limits of a commit has started.',
    required: ['job'],
    properties: { job: { ...ref('BulkJob'), description: 'The job, which continues in the background.' } },
  },
  BulkJobList: {
    type: 'object',
    description: 'The newest jobs.',
    required: ['results'],
    properties: { results: list(ref('BulkJob'), 'Jobs, newest first, at most 100.') },
  },
  BulkJob: {
    type: 'object',
    description: 'A write that takes several commits.',
    required: [
      'id',
      'kind',
      'noun',
      'state',
      'done',
      'total',
      'refused',
      'refusals',
      'isAtomic',
      'createdAt',
      'finishedAt',
      'error',
    ],
    properties: {
      id: text('Identifier of the job.'),
      kind: text('The write: createMany, updateMany, deleteMany or undo.'),
      noun: { ...orNull(text('Entity type.')), description: 'Entity type; null for an undo.' },
      state: { type: 'string', enum: ['running', 'done', 'failed'], description: 'State of the job.' },
      done: count('Number of entities that were processed, or of changes that were taken back.'),
      total: count('Number of entities or changes to process; 0 if it is not known.'),
      refused: count('Number of processed entities or changes that were refused.'),
      refusals: list(ref('BulkRefusal'), 'The first refusals, at most 100.'),
      isAtomic: { const: false, description: 'Always false: the job makes several commits.' },
      createdAt: { ...timestamp, description: 'Time it was started.' },
      finishedAt: { ...orNull(timestamp), description: 'Time it ended; null while it is running.' },
      error: { type: ['string', 'null'], description: 'Why it failed; null if it did not.' },
    },
  },
  BulkRefusal: {
    type: 'object',
    description: 'A refused entity or commit of a job.',
    required: ['field', 'status', 'problem'],
    properties: {
      field: text('The entity: entities[3], ids[3] or its id; of an undo, the number of the commit.'),
      status: { ...status, description: 'HTTP status of the refusal.' },
      problem: { ...ref('Problem'), description: 'The reason of the refusal.' },
    },
  },
  DryRun: {
    type: 'object',
    description: 'What a write would do. Nothing was changed.',
    required: ['dryRun', 'events', 'refusals', 'result', 'plan'],
    properties: {
      dryRun: { const: true, description: 'Always true.' },
      events: list(ref('LogEvent'), 'Events that the write would append, as far as the caller may see them.'),
      refusals: list(ref('Refusal'), 'Reasons for which the write would be refused; empty if it would be accepted.'),
      result: { description: 'Body of the answer; null if there would be none.' },
      plan: {
        type: ['string', 'null'],
        description: 'Identifier under which the dry run can be executed for an hour.',
      },
      approval: list(ref('ApprovalReason'), 'The changes for which a person would have to give consent.'),
    },
  },
  Refusal: {
    type: 'object',
    description: 'The reason for which a write, or an operation of a batch, would be refused.',
    required: ['status', 'problem'],
    properties: {
      id: text('Id of the operation of a batch.'),
      status: { ...status, description: 'HTTP status of the refusal.' },
      problem: { ...ref('Problem'), description: 'The reason of the refusal.' },
    },
  },
} as const satisfies Json
