// The schemas of the OpenAPI document that are the same for all Nouns, and the meta-fields of an entity.

import { currencyCodes, deletionFates, type NounSchema } from 'digital-objects'
import { type Json, ref } from './components.ts'
import { definitionSchemas } from './definition-schemas.ts'
import { durationPattern, idPatternOf, orNull, timestamp } from './field-schema.ts'

const string = { type: 'string' } as const

const text = (description: string): Json => ({ ...string, description })
const time = (description: string): Json => ({ ...timestamp, description })
const timeOrNull = (description: string): Json => ({ ...orNull(timestamp), description })
const whole = (description: string): Json => ({ type: 'integer', minimum: 0, description })
const url = (description: string): Json => ({ type: 'string', format: 'uri', description })

/** The meta-fields of an entity. All of them are in every whole entity. */
export function entityMeta({ name, idPrefix }: NounSchema): Readonly<Record<string, Json>> {
  return {
    $type: { type: 'string', const: name, description: 'Name of the entity type.' },
    $id: { type: 'string', pattern: idPatternOf([idPrefix]), description: 'Identifier of the entity.' },
    ...commonMeta,
  }
}

/** Lists of `include` that an answer cuts. */
export const cutLists: Json = {
  type: 'object',
  readOnly: true,
  description: 'Lists of include of which the answer has only the beginning, by relation.',
  additionalProperties: ref('CutList'),
}

const commonMeta = {
  $context: url('URL of the tenant.'),
  $version: { type: 'integer', minimum: 1, description: 'Version of the entity, which each event raises by 1.' },
  $createdAt: time('Time the entity was created.'),
  $createdBy: text('Identifier of the actor who created the entity.'),
  $updatedAt: time('Time of the latest event of the entity.'),
} as const satisfies Json

/** `LogEvent` is an event of the log; `Event` is an entity type. */
export const commonSchemas = {
  ...definitionSchemas,
  AnyEntity: {
    type: 'object',
    description: 'An entity of any type, with the fields of its type.',
    required: ['$type', '$id', ...Object.keys(commonMeta)],
    properties: {
      $type: text('Name of the entity type.'),
      $id: text('Identifier of the entity; the part before _ names its type.'),
      ...commonMeta,
    },
    additionalProperties: true,
  },
  CutList: {
    type: 'object',
    description: 'The rest of a list: the find that pages through all of it, or the ids left out.',
    properties: {
      noun: text('Entity type of the list.'),
      filter: { type: 'object', description: 'Filter of the find.', additionalProperties: true },
      ids: { type: 'array', items: string, description: 'References left out.' },
    },
  },
  Status: {
    type: 'object',
    description: 'The size of a tenant, the lag of its files, and its pending work.',
    required: [
      '$type',
      'tenant',
      'context',
      'bookmark',
      'events',
      'oldest',
      'newest',
      'entities',
      'files',
      'clock',
      'outbox',
      'jobs',
    ],
    properties: {
      $type: { const: 'Status', description: 'Always Status.' },
      tenant: text('Name of the tenant.'),
      context: url('URL of the tenant.'),
      bookmark: text('Point of the log that the answer reflects.'),
      events: whole('Number of events in the log, which is also the seq of the newest'),
      oldest: timeOrNull('Time of the oldest event.'),
      newest: timeOrNull('Time of the newest event.'),
      entities: {
        type: 'object',
        additionalProperties: { type: 'integer' },
        description: 'Number of entities that exist now, by type',
      },
      files: {
        type: ['object', 'null'],
        description: 'Newest files of the tenant, null before the first flush.',
        required: ['seq', 'revision', 'lagEvents'],
        properties: {
          seq: whole('Seq of the last event in the files'),
          revision: whole('Number of the published manifest.'),
          lagEvents: whole('Number of events that are not in the files yet'),
        },
      },
      clock: {
        type: 'object',
        description: "The system's clock against the time that the server goes by.",
        required: ['offsetMs', 'aheadMs'],
        properties: {
          offsetMs: { type: 'integer', description: 'How far the clock is ahead; 0 unless it has jumped.' },
          aheadMs: whole('How far the newest event is ahead of the time; 0 unless the clock was wrong.'),
        },
      },
      outbox: {
        type: 'object',
        description: 'Work that commits have queued.',
        required: ['waiting', 'parked'],
        properties: {
          waiting: whole('Number of pending work items.'),
          parked: whole('Number of work items given up after their last attempt'),
        },
      },
      jobs: { type: 'array', description: 'Background jobs of the tenant.', items: ref('JobStatus') },
      asOf: time('Time of the metrics, if they were requested.'),
      currency: text('ISO 4217 code of amounts that name none.'),
      timeZone: text('Time zone in which days, weeks and months begin.'),
      metrics: {
        type: 'object',
        additionalProperties: { type: 'object', additionalProperties: { type: ['number', 'null'] } },
        description: 'Values of all metrics by group',
      },
      alerts: { type: 'array', description: 'Metrics that need attention.', items: ref('Alert') },
    },
  },
  Alert: {
    type: 'object',
    description: 'A metric that needs attention.',
    required: ['id', 'type', 'severity', 'metric', 'value', 'threshold', 'direction', 'action', 'message'],
    properties: {
      id: text('Name of the metric, since there is one alert of each.'),
      type: text('Kind of the alert, such as invoice_overdue.'),
      severity: { enum: ['info', 'warning', 'critical'], description: 'How urgent it is.' },
      metric: text('Name of the metric.'),
      value: { type: 'number', description: 'Value of the metric.' },
      threshold: { type: 'number', description: 'Value beyond which the alert is raised.' },
      direction: { enum: ['above', 'below'], description: 'Side of the threshold on which it is raised.' },
      action: text('What to do about it, such as collect.'),
      message: text('Sentence for people.'),
      since: { ...timestamp, description: 'Time the metric crossed its limit.' },
    },
  },
  JobStatus: {
    type: 'object',
    description: 'The state of one background job.',
    required: ['name', 'state', 'next', 'failure', 'parked'],
    properties: {
      name: { type: 'string', description: 'Name of the job.' },
      state: {
        enum: ['idle', 'waiting', 'due', 'running', 'failing'],
        description: 'State of the job; failing if its last attempt failed.',
      },
      next: timeOrNull('Time of its next step; null if none is planned.'),
      failure: {
        type: ['object', 'null'],
        required: ['message', 'attempts', 'nextTry'],
        properties: {
          message: { type: 'string', description: 'The last error.' },
          attempts: whole('Number of attempts that failed in a row.'),
          nextTry: time('Time of the next attempt.'),
        },
        description: 'The last failure; null if the last attempt succeeded.',
      },
      parked: whole('Number of work items that the job has given up and set aside.'),
    },
  },
  DeletionRuleByState: {
    type: 'object',
    description: 'A deletion rule that depends on the state of the entity that refers.',
    required: ['restrictWhile', 'otherwise'],
    properties: {
      restrictWhile: {
        ...ref('RestrictingStates'),
        description: 'The states of the entity that restrict the deletion.',
      },
      otherwise: {
        type: 'string',
        enum: deletionFates.filter((fate) => fate !== 'restrict'),
        description: 'Fate in every other state.',
      },
    },
    additionalProperties: false,
  },
  RestrictingStates: {
    type: 'object',
    description: 'States of an entity that restrict a deletion.',
    required: ['field', 'values'],
    properties: {
      field: text('Enum field of the entity.'),
      values: {
        type: 'array',
        items: string,
        description: 'Values with which the entity restricts the deletion.',
      },
    },
    additionalProperties: false,
  },
  Currency: {
    type: 'string',
    description: 'The code of a currency by ISO 4217.',
    enum: currencyCodes,
  },
  Clock: {
    type: 'object',
    description: "A tenant's clock.",
    required: ['now', 'isTest', 'advancingTo', 'ran'],
    properties: {
      now: time('The time that the clock shows.'),
      isTest: {
        type: 'boolean',
        description: 'True for a test clock, which moves only by 1 ms per commit and when it is advanced.',
      },
      advancingTo: timeOrNull('The time to which the clock is being advanced; null if it is not being advanced.'),
      ran: {
        type: 'object',
        additionalProperties: { type: 'integer' },
        description: 'Number of steps that each job has made since the start of the last advance, by name of the job.',
      },
    },
  },
  ClockChange: {
    type: 'object',
    description: 'Sets a test clock, or advances it.',
    properties: {
      now: {
        ...timestamp,
        pattern: timestamp.pattern.replace('[0-9]{4}', '(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2})'),
        description: 'Makes the tenant a test tenant and sets its clock to this time, from 1970 and before 9900.',
      },
      advance: {
        anyOf: [
          { type: 'string', pattern: durationPattern },
          { type: 'string', format: 'date-time' },
        ],
        description:
          'Duration by which to advance the test clock, in ISO 8601 and at most ten years: P1M, P2W, PT36H; or the time to which.',
      },
    },
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
  },
  Rollback: {
    type: 'object',
    description: 'The earlier state to restore: a version or a time.',
    properties: {
      version: { type: 'integer', minimum: 1, description: 'Version of the entity to return to.' },
      asOf: time('Time to whose state to return.'),
    },
    minProperties: 1,
    maxProperties: 1,
  },
  Problem: {
    type: 'object',
    description: 'An error (RFC 9457).',
    required: ['type', 'title', 'status', 'detail', 'code'],
    properties: {
      type: text('URL that identifies the kind of error.'),
      title: text('Short name of the kind of error.'),
      status: whole('HTTP status of the answer.'),
      detail: text('Sentence that says what was expected and what was received.'),
      code: text('Stable code of the error, for programs.'),
      field: text('Name of the field at fault.'),
      requestId: text('Identifier of the request, for reports of faults.'),
      errors: {
        type: 'array',
        description: 'All faults, if there are several.',
        items: {
          type: 'object',
          properties: {
            field: text('Name of the field at fault.'),
            message: text('Sentence that says what is wrong.'),
          },
        },
      },
    },
  },
}
