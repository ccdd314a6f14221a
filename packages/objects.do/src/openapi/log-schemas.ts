// The schemas of the log: events, commits, and what an undo takes.

import { type Json, pageEnd, ref } from './components.ts'
import { orNull, timestamp } from './field-schema.ts'

const text = (description: string): Json => ({ type: 'string', description })
const time = (description: string): Json => ({ ...timestamp, description })
const timeOrNull = (description: string): Json => ({ ...orNull(timestamp), description })
const whole = (description: string): Json => ({ type: 'integer', minimum: 0, description })

export const logSchemas = {
  LogEvent: {
    type: 'object',
    description: 'One event of the log; Event is an entity type.',
    required: [
      'format',
      'id',
      'seq',
      'commit',
      'type',
      'target',
      'version',
      'timestamp',
      'actor',
      'via',
      'noun',
      'data',
      'changes',
    ],
    properties: {
      format: { const: 1, description: 'Version of the format of this record.' },
      id: text('Identifier of the event.'),
      seq: whole('Position of the event in the log, without gaps.'),
      commit: whole('Position of the first event of the same commit.'),
      type: text('Entity type and event, such as Contact.Qualified.'),
      target: text('Identifier of the entity.'),
      version: whole('Version of the entity after the event.'),
      timestamp: time('Time the event was committed.'),
      effective: time('Time at which it happened, if its writer named an earlier one.'),
      actor: text('Identifier of the actor.'),
      onBehalfOf: text('Identifier of the person for whom the actor did it.'),
      key: text('Identifier of the key with which the actor called.'),
      via: text('Interface that the actor used.'),
      causedBy: text('Identifier of the event whose handler caused this one.'),
      undoes: whole('Number of the commit whose changes this event takes back.'),
      reason: text('Reason for which an administrator forced the change.'),
      approvedBy: text('Identifier of the person who approved the plan of this change.'),
      noun: text('Version of the definition under which the event was written.'),
      data: { ...ref('AnyEntity'), description: 'The whole entity after the event.' },
      changes: { type: 'object', description: 'Changed fields, each as { from, to }.' },
    },
  },
  Commit: {
    type: 'object',
    description: 'Events that were written together.',
    required: ['commit', 'timestamp', 'actor', 'events'],
    properties: {
      commit: whole('Number of the commit: the position of its first event.'),
      timestamp: time('Time the commit was made.'),
      actor: text('Identifier of the actor.'),
      events: { type: 'array', items: ref('LogEvent'), description: 'Events that the caller may see, in order.' },
    },
  },
  UndoingCommit: {
    type: 'object',
    description: 'A commit that undoes others. Its number is null if there was nothing to take back.',
    required: ['commit', 'timestamp', 'actor', 'events'],
    properties: {
      commit: { type: ['integer', 'null'], minimum: 1, description: 'Number of the commit.' },
      timestamp: timeOrNull('Time the commit was made.'),
      actor: { type: ['string', 'null'], description: 'Identifier of the actor.' },
      events: { type: 'array', items: ref('LogEvent'), description: 'Events that the caller may see, in order.' },
    },
  },
  HistoryLines: {
    type: 'string',
    description: 'Lines of JSON, each a change { timestamp, type, target, data, actor } of the past, oldest first.',
  },
  LoadedHistory: {
    type: 'object',
    description: "How far the load of the tenant's past has come.",
    required: ['lines', 'timestamp', 'isOpen'],
    properties: {
      lines: whole('Number of lines that are in.'),
      timestamp: timeOrNull('Time of the last of them.'),
      isOpen: { type: 'boolean', description: 'True if further lines are accepted: the tenant has no live write yet.' },
    },
  },
  UndoSelection: {
    description: 'The commits to take back: a range, those of one actor since a time, or those of a job.',
    oneOf: [
      {
        type: 'object',
        required: ['from', 'to'],
        additionalProperties: false,
        properties: {
          from: { type: 'integer', minimum: 1, description: 'Number of the first commit.' },
          to: { type: 'integer', minimum: 1, description: 'Number of the last commit.' },
        },
      },
      {
        type: 'object',
        required: ['actor', 'since'],
        additionalProperties: false,
        properties: {
          actor: { type: 'string', minLength: 1, maxLength: 256, description: 'Identifier of the actor.' },
          since: time('Time of the first commit.'),
        },
      },
      {
        type: 'object',
        required: ['job'],
        additionalProperties: false,
        properties: {
          job: { type: 'string', minLength: 1, maxLength: 64, description: 'Identifier of the job.' },
        },
      },
    ],
  },
  LogEventPage: {
    type: 'object',
    description: 'One page of the log.',
    required: ['results', 'hasMore', 'cursor'],
    properties: {
      results: { type: 'array', items: ref('LogEvent'), description: 'Events, oldest first.' },
      ...pageEnd,
    },
  },
} as const satisfies Json
