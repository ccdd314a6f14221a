// The parts of the OpenAPI document that are the same for all Nouns: schemas, responses and headers that it refers to.

export type Json = Readonly<Record<string, unknown>>

export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })
export const jsonBody = (schema: Json): Json => ({ content: { 'application/json': { schema } } })

export function jsonResponse(description: string, schema: Json): Json {
  return { description, ...jsonBody(schema) }
}

export function entityResponse(noun: string): Json {
  return {
    description: `The ${noun}`,
    headers: {
      ETag: { $ref: '#/components/headers/ETag' },
      'X-Headlessly-Bookmark': { $ref: '#/components/headers/Bookmark' },
    },
    ...jsonBody(ref(noun)),
  }
}

export const eventsResponse: Json = { $ref: '#/components/responses/Events' }
export const problem: Json = { default: { $ref: '#/components/responses/Problem' } }

/** How a page of a list ends. */
export const pageEnd = {
  hasMore: { type: 'boolean', description: 'True if another page follows.' },
  cursor: { type: ['string', 'null'], description: 'Place of the next page, null if there is none.' },
} as const satisfies Json

const string = { type: 'string' } as const
const timestamp = { type: 'string', format: 'date-time' } as const

const text = (description: string): Json => ({ ...string, description })
const time = (description: string): Json => ({ ...timestamp, description })
const whole = (description: string): Json => ({ type: 'integer', description })

/** `LogEvent` is an event of the log; `Event` is the entity. */
export const commonSchemas = {
  EntityMeta: {
    type: 'object',
    required: ['$type', '$id', '$context', '$version', '$createdAt', '$createdBy', '$updatedAt'],
    properties: {
      $type: text('Name of the entity type.'),
      $id: text('Identifier of the entity; the part before _ names its type.'),
      $context: { type: 'string', format: 'uri', description: 'URL of the tenant.' },
      $version: { type: 'integer', minimum: 1, description: 'Version of the entity, which each event raises by 1.' },
      $createdAt: time('Time the entity was created.'),
      $createdBy: text('Identifier of the actor who created the entity.'),
      $updatedAt: time('Time of the latest event of the entity.'),
    },
  },
  LogEvent: {
    type: 'object',
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
      format: { const: 1, description: 'Version of the form of this record.' },
      id: text('Identifier of the event.'),
      seq: whole('Position of the event in the log, without gaps.'),
      commit: whole('Position of the first event of the same commit.'),
      type: text('Entity type and event, such as Contact.Qualified.'),
      target: text('Identifier of the entity.'),
      version: whole('Version of the entity after the event.'),
      timestamp: time('Time the event was committed.'),
      actor: text('Identifier of who did it.'),
      onBehalfOf: text('Identifier of the person for whom the actor did it.'),
      via: text('Interface by which it was done.'),
      causedBy: text('Identifier of the event whose handler did it.'),
      noun: text('Version of the definition that the event was written under.'),
      data: { ...ref('EntityMeta'), description: 'The whole entity after the event.' },
      changes: { type: 'object', description: 'Changed fields, each as { from, to }.' },
    },
  },
  Status: {
    type: 'object',
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
      'outbox',
      'jobs',
    ],
    properties: {
      $type: { const: 'Status', description: 'Always Status.' },
      tenant: text('Name of the tenant.'),
      context: { type: 'string', format: 'uri', description: 'URL of the tenant.' },
      bookmark: text('Point of the log that the answer reflects.'),
      events: { type: 'integer', description: 'Events of the log, which is also the seq of the newest' },
      oldest: { anyOf: [timestamp, { type: 'null' }], description: 'Time of the oldest event.' },
      newest: { anyOf: [timestamp, { type: 'null' }], description: 'Time of the newest event.' },
      entities: {
        type: 'object',
        additionalProperties: { type: 'integer' },
        description: 'Entities that exist now, by type',
      },
      files: {
        type: ['object', 'null'],
        description: 'Newest files of the tenant, null before the first flush.',
        required: ['seq', 'revision', 'lagEvents'],
        properties: {
          seq: { type: 'integer', description: 'The last event that is in the files' },
          revision: whole('Number of the published manifest.'),
          lagEvents: { type: 'integer', description: 'Events that are not in the files yet' },
        },
      },
      outbox: {
        type: 'object',
        description: 'Work that events have left to do.',
        required: ['waiting', 'parked'],
        properties: {
          waiting: whole('Work that is still to be done.'),
          parked: { type: 'integer', description: 'Work that was given up' },
        },
      },
      jobs: { type: 'array', description: 'What the tenant does later, job by job.', items: ref('JobStatus') },
    },
  },
  JobStatus: {
    type: 'object',
    required: ['name', 'state', 'next', 'failure', 'parked'],
    properties: {
      name: { type: 'string', description: 'Name of the job.' },
      state: {
        enum: ['idle', 'waiting', 'due', 'running', 'failing'],
        description: 'What the job does now; failing if its last attempt failed.',
      },
      next: { anyOf: [timestamp, { type: 'null' }], description: 'When its next step is made; null for never.' },
      failure: {
        type: ['object', 'null'],
        required: ['message', 'attempts', 'nextTry'],
        properties: {
          message: { type: 'string', description: 'The last error.' },
          attempts: { type: 'integer', description: 'Attempts that failed in a row.' },
          nextTry: time('When the next attempt is made.'),
        },
        description: 'The last failure; null if the last attempt succeeded.',
      },
      parked: { type: 'integer', description: 'Work that the job has given up on and set aside.' },
    },
  },
  Definition: {
    type: 'object',
    properties: {
      fields: {
        type: 'object',
        additionalProperties: { type: ['string', 'null'] },
        description: 'Fields, relations and verbs by name, such as {"name":"string!","drive":"Driven"}',
      },
      about: { type: 'string', description: 'One sentence that says what the entity type is' },
      descriptions: {
        type: 'object',
        additionalProperties: string,
        description: 'One sentence for a field or verb, by its name',
      },
      indexes: {
        type: 'array',
        items: { type: 'object', required: ['path'] },
        description: 'Indexes on paths inside json fields, such as {"path":"metadata.externalId","unique":true}',
      },
      state: { type: 'string', description: 'The enum field that transitions and categories are about' },
      transitions: {
        type: 'array',
        items: { type: 'object', required: ['from', 'verb', 'to'] },
        description: 'Allowed changes of the state, such as {"from":["Calm"],"verb":"drive","to":"Busy"}',
      },
      categories: {
        type: 'object',
        additionalProperties: string,
        description: 'The category of each value of the state, which metrics use',
      },
      effects: { type: 'object', description: 'What each verb does beyond setting the state, by its name' },
    },
    additionalProperties: false,
  },
  Clock: {
    type: 'object',
    required: ['now', 'isTest', 'advancingTo', 'ran'],
    properties: {
      now: time('The time that the clock shows.'),
      isTest: {
        type: 'boolean',
        description: 'True for a test clock, which stands still but for 1 ms per commit, unless it is advanced.',
      },
      advancingTo: {
        anyOf: [timestamp, { type: 'null' }],
        description: 'The time that the clock is being advanced to; null if it is not.',
      },
      ran: {
        type: 'object',
        additionalProperties: { type: 'integer' },
        description: 'Steps that each job has made since the last advance was begun, by name of the job.',
      },
    },
  },
  ClockChange: {
    type: 'object',
    properties: {
      now: time('Makes the tenant a test tenant, whose clock stands at this time.'),
      advance: text(
        'How far to advance the test clock, as an ISO 8601 duration of at most ten years: P1M, P2W, PT36H.',
      ),
    },
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
  },
  Rollback: {
    type: 'object',
    properties: {
      version: { type: 'integer', minimum: 1, description: 'Version of the entity to return to.' },
      asOf: time('Time whose state to return to.'),
    },
    minProperties: 1,
    maxProperties: 1,
  },
  Problem: {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code'],
    properties: {
      type: text('URL that identifies the kind of error.'),
      title: text('Short name of the kind of error.'),
      status: whole('HTTP status of the answer.'),
      detail: text('Sentence that says what was expected and what came.'),
      code: text('Stable code of the error, for programs.'),
      field: text('Name of the field at fault.'),
      requestId: text('Identifier of the request, for reports of faults.'),
      errors: {
        type: 'array',
        description: 'Every fault, if there are several.',
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

export const responses = {
  Problem: {
    description: 'The error, with a stable code and the field at fault',
    content: { 'application/problem+json': { schema: ref('Problem') } },
  },
  Events: {
    description: 'One page',
    ...jsonBody({
      type: 'object',
      required: ['results', 'hasMore', 'cursor'],
      properties: {
        results: { type: 'array', items: ref('LogEvent'), description: 'Events, oldest first.' },
        ...pageEnd,
      },
    }),
  },
}

export const headers = {
  ETag: { schema: string, description: 'The version, quoted' },
  Bookmark: { schema: string, description: 'The point of the log that the answer reflects' },
}
