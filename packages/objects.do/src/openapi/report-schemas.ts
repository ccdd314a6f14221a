// The schemas of answers that are reports: a described entity type, a comparison, and the reports of operators' commands.

import { aggregateFunctions } from 'digital-objects'
import { type Json, ref } from './components.ts'
import { orNull, timestamp } from './field-schema.ts'

const text = (description: string): Json => ({ type: 'string', description })
const whole = (description: string): Json => ({ type: 'integer', minimum: 0, description })
const number = (description: string): Json => ({ type: ['number', 'null'], description })
const url = (description: string): Json => ({ type: 'string', format: 'uri', description })
const flag = (description: string): Json => ({ type: 'boolean', description })
const list = (items: Json, description: string): Json => ({ type: 'array', items, description })
const string = { type: 'string' } as const
const anyObject = (description: string): Json => ({ type: 'object', description, additionalProperties: true })

/** An object of these properties, all of which it has unless `optional` names them. */
function report(description: string, properties: Json, optional: readonly string[] = []): Json {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', description, required, properties }
}

const described = text('Sentence that describes it.')
const relatedTo = text('For a relation, the entity type that has the reference.')

const field = report(
  'A field or relation of an entity type.',
  {
    name: text('Name of the field.'),
    kind: { type: 'string', enum: ['data', 'enum', 'reference', 'reverse'], description: 'Kind of the field.' },
    many: flag('True if it holds several values.'),
    required: flag('True if an entity must have a value.'),
    indexed: flag('True if the values are in an index.'),
    unique: flag('True if no two entities have the same value.'),
    personal: flag('True for personal data; on a relation, if the personal values belong to the entity that it names.'),
    type: text('Type of a data field.'),
    merged: flag('True if an update merges into the stored JSON.'),
    min: { type: 'number', description: 'Smallest value.' },
    max: { type: 'number', description: 'Largest value.' },
    default: { description: 'Value of a new entity without one.' },
    sum: text('The sum that the field always has, such as subtotal - discount + tax.'),
    values: list(string, 'Values of an enum.'),
    to: list(string, 'Entity types to which a reference may point.'),
    any: flag("True if a reference may point to every type that has no other member of its inverse's name."),
    inverse: text('Name of the relation at the other end.'),
    onDelete: {
      ...ref('DeletionRule'),
      description: 'For a reference, the fate of the entity when the entity that it names is deleted.',
    },
    from: relatedTo,
    by: text('For a relation, the name of the reference.'),
    description: described,
  },
  'required indexed unique personal type merged min max default sum values to any inverse onDelete from by description'.split(
    ' ',
  ),
)

const verb = report(
  'A verb of an entity type.',
  {
    verb: text('The infinitive, which is its name.'),
    before: text('The form of hooks before the event.'),
    after: text('The form of listeners after the event.'),
    by: text('The form that names the actor.'),
    event: text('The form in the types of events.'),
    category: { type: 'string', enum: ['crud', 'custom'], description: 'Custom for verbs of the type itself.' },
    creates: flag('True if the verb can create an entity.'),
    systemOnly: flag('True if only the server calls the verb.'),
    sets: anyObject('Fields that the verb sets, and how.'),
    from: anyObject('The states that are expected before the verb.'),
    related: list(anyObject('An effect.'), 'Effects on other entities, in the same commit.'),
    description: described,
  },
  ['systemOnly', 'from', 'related', 'description'],
)

export const reportSchemas = {
  EntityTypeField: field,
  EntityTypeVerb: verb,
  EntityType: report(
    'An entity type: its fields, relations and verbs.',
    {
      name: text('Name of the entity type.'),
      idPrefix: text('The part of its ids before _.'),
      version: text('Identifier of this version of the definition.'),
      about: text('Sentence that describes the entity type.'),
      service: text('The service of the server that brings the entity type, such as payments.do.'),
      fields: list(ref('EntityTypeField'), 'Fields and relations.'),
      verbs: list(ref('EntityTypeVerb'), 'Verbs.'),
      disabled: list(string, 'Names of create, update and delete, if the definition disables them.'),
      searchable: list(string, 'Names of the fields that `$text` searches.'),
      state: text('The enum field to which the transitions and states apply.'),
      transitions: list(ref('DefinitionTransition'), 'Allowed changes of the state; all are allowed if it is empty.'),
      strict: { type: 'boolean', description: 'Whether the transitions are enforced.' },
      states: anyObject('Fields that belong to each value of the state.'),
      categories: anyObject('Category of each value of the state, for metrics.'),
      schedules: list(anyObject('A schedule.'), 'Verbs that the server calls by itself, and when.'),
      role: text('The part of the product that works with its entities, such as flag.'),
      definition: { ...ref('Definition'), description: 'The definition, in the form that PUT takes.' },
      origin: { type: 'string', enum: ['own', 'built-in'], description: 'Own for a type that the tenant defined.' },
      definitionVersion: whole('Version of the stored definition; 0 for a built-in one without additions.'),
    },
    ['about', 'service', 'state', 'role', 'origin', 'definitionVersion'],
  ),
  ReferenceCount: report('The number of entities that refer by one field.', {
    noun: text('Entity type that refers.'),
    field: text('Field that holds the reference.'),
    count: whole('Number of entities.'),
  }),
  ReferenceCounts: report('The entities that refer to one entity, by entity type and field.', {
    results: list(ref('ReferenceCount'), 'Counts; fields with a count of 0 are left out.'),
  }),
  EntityCount: report('A number of entities.', {
    count: { type: ['integer', 'null'], minimum: 0, description: 'Number of entities, null beyond the limit.' },
  }),
  Aggregate: report('Entities in groups, with values over each group.', {
    results: list(ref('AggregateGroup'), 'The groups, in order.'),
    hasMore: flag('True if there are more groups than the limit.'),
  }),
  AggregateGroup: report(
    'One group of entities.',
    {
      by: anyObject('The values that the entities of the group have in common, by the names in `by`.'),
      count: whole('Number of entities.'),
      ...Object.fromEntries(
        aggregateFunctions.map((kind) => [kind, anyObject(`The values of \`${kind}\`, by field or expression.`)]),
      ),
    },
    aggregateFunctions,
  ),
  MetricReport: report(
    'A metric of the business at a time, and its series.',
    {
      $type: { type: 'string', const: 'Metric', description: 'Always Metric.' },
      name: text('Name of the metric.'),
      label: text('Name for people.'),
      unit: {
        type: 'string',
        enum: ['money', 'count', 'percent', 'ms', 'days', 'number'],
        description: 'Unit of the values.',
      },
      currency: text('ISO 4217 code of amounts.'),
      value: number('Value at that time; null if there is none.'),
      byCurrency: anyObject('Amounts in other currencies.'),
      previous: number('Value one period before; null if nothing is known of it.'),
      change: number('Difference to the previous value.'),
      trend: { type: ['string', 'null'], description: 'Change in percent, such as +8.2%.' },
      period: text('Length of the period, as an ISO 8601 duration.'),
      asOf: { ...timestamp, description: 'Time of which the value is.' },
      began: {
        type: ['string', 'null'],
        format: 'date-time',
        description: 'Time since which anything is known; values before it are null.',
      },
      step: text('The periods of the series.'),
      history: list(ref('MetricPoint'), 'The series.'),
      previousHistory: list(ref('MetricPoint'), 'The series before.'),
    },
    ['currency', 'byCurrency', 'step', 'history', 'previousHistory'],
  ),
  MetricPoint: report(
    'The value of a metric in a period; of a level, at its end.',
    {
      date: text('The period, such as 2026-03-05 or 2026-03.'),
      value: number('Value; null if there is none, or if nothing is known of the period.'),
      byCurrency: anyObject('Amounts in other currencies.'),
    },
    ['byCurrency'],
  ),
  MetricValues: report('The values of all metrics by group.', {
    $type: { type: 'string', const: 'Metrics', description: 'Always Metrics.' },
    asOf: { ...timestamp, description: 'Time of which the values are.' },
    currency: text('ISO 4217 code of amounts.'),
    ...Object.fromEntries(
      ['revenue', 'pipeline', 'product', 'support', 'marketing', 'engagement', 'goals', 'own'].map((group) => [
        group,
        anyObject('Values by the name of the metric.'),
      ]),
    ),
  }),
  FieldChange: report('The change of one field.', {
    field: text('Name of the field.'),
    from: { description: 'Value before; null if there was none.' },
    to: { description: 'Value after; null if there is none.' },
  }),
  EntityDiff: report('One entity at two points of its history.', {
    before: {
      anyOf: [ref('AnyEntity'), { type: 'null' }],
      description: 'The entity before; null if it did not exist.',
    },
    after: { anyOf: [ref('AnyEntity'), { type: 'null' }], description: 'The entity after; null if it did not exist.' },
    changes: list(ref('FieldChange'), 'Changed fields.'),
    events: list(ref('LogEvent'), 'Events between the two points, oldest first, at most 100.'),
  }),
  EntitiesOverview: report(
    'An entity type, and the number of its entities.',
    {
      name: text('Name of the entity type.'),
      label: text('Name that users of the context call it, such as Patient.'),
      about: text('Sentence that describes the entity type.'),
      count: whole('Number of entities that exist now.'),
      url: url('Address of their list.'),
    },
    ['label', 'about'],
  ),
  EventOverview: report(
    'An event without the data of its entity.',
    {
      id: text('Identifier of the event.'),
      seq: whole('Position of the event in the log, without gaps.'),
      type: text('Entity type and past tense of the verb, such as Contact.Qualified.'),
      target: text('Identifier of the entity.'),
      name: text('Beginning of the name, title or subject of the entity.'),
      version: whole('Version of the entity after the event.'),
      timestamp: { ...timestamp, description: 'Time of the event.' },
      actor: text('Identifier of the actor.'),
      url: url('Address of the entity, or of an event about a definition.'),
    },
    ['name'],
  ),
  Overview: report('A tenant at a glance.', {
    $type: { const: 'Overview', description: 'Always Overview.' },
    tenant: text('Name of the tenant.'),
    context: url('URL of the tenant.'),
    began: { ...orNull(timestamp), description: 'Time of the first event; null before the first write.' },
    events: whole('Number of events in the log.'),
    entities: list(ref('EntitiesOverview'), 'Entity types, with the number of their entities.'),
    latest: list(ref('EventOverview'), 'Newest events, newest first, at most 10.'),
    links: report('Addresses of further answers about the tenant.', {
      schema: url('All entity types with their fields, relations and verbs.'),
      openapi: url('OpenAPI document.'),
      events: url('Log of events.'),
      status: url('Size of the tenant and its pending work.'),
      lake: url('Addresses and keys of the lake.'),
      llms: url('The tenant described in Markdown, for language models.'),
    }),
  }),
  FlushReport: report('The position of the files.', {
    seq: whole('Seq of the last event in the files.'),
    revision: whole('Number of the published manifest.'),
  }),
  LakePage: report("The addresses and keys with which an analytics program reads the tenant's lake.", {
    tenant: text('Name of the tenant.'),
    s3: anyObject('Endpoint, bucket, prefix, region and keys of the S3 interface, which is read-only.'),
    iceberg: anyObject('Address, namespace and table of the Iceberg REST catalog.'),
    clickhouse: anyObject('Statements for ClickHouse, in the order in which to run them.'),
    duckdb: list(string, 'Statements for DuckDB, in the order in which to run them.'),
    python: anyObject('Lines of Python that open the catalog, and then those of PyIceberg, pandas and Polars.'),
    spark: anyObject('Settings of a session of Spark, and its name of the table.'),
  }),
} as const satisfies Json
