// The query parameters of `aggregate` in the OpenAPI document. Their patterns name the fields of the Noun.

import {
  isListStorage,
  metaStorage,
  type NounSchema,
  type StorageClass,
  storageClassOf,
  timeBuckets,
} from 'digital-objects'
import type { Json } from './components.ts'
import { alternatives } from './list-parameters.ts'
import type { ParametersAbout } from './parameter.ts'

const string = { type: 'string' } as const
const groupsMax = 6

export const aggregateParameters = {
  by: {
    component: 'aggregateBy',
    about:
      'Groups, separated by commas: fields, paths through references, and day, week, month, quarter or year of a datetime, such as stage,month(closedAt)',
    schema: string,
    schemaOf: groupsSchema,
    mayBeEmpty: true,
  },
  sum: {
    component: 'aggregateSum',
    about:
      "Sums, separated by commas: fields or expressions of fields and numbers with +, -, *, / and parentheses, such as value*probability/100. coalesce(a, b) takes the first that has a value, and match(interval, 'Monthly', 1, 'Yearly', 1/12) the number of a string",
    schema: string,
    schemaOf: expressionsOf(isNumber),
    mayBeEmpty: true,
  },
  avg: {
    component: 'aggregateAvg',
    about: 'Averages, as for sum',
    schema: string,
    schemaOf: expressionsOf(isNumber),
    mayBeEmpty: true,
  },
  min: {
    component: 'aggregateMin',
    about: 'The least values, as for sum, also of strings and datetimes',
    schema: string,
    schemaOf: expressionsOf(isComparable),
    mayBeEmpty: true,
  },
  max: {
    component: 'aggregateMax',
    about: 'The greatest values, as for sum, also of strings and datetimes',
    schema: string,
    schemaOf: expressionsOf(isComparable),
    mayBeEmpty: true,
  },
  distinct: {
    component: 'aggregateDistinct',
    about: 'The numbers of different values, as for sum, of any fields',
    schema: string,
    schemaOf: expressionsOf(() => true),
    mayBeEmpty: true,
  },
  median: {
    component: 'aggregateMedian',
    about: 'Medians, as for sum',
    schema: string,
    schemaOf: expressionsOf(isNumber),
    mayBeEmpty: true,
  },
  zone: {
    component: 'aggregateZone',
    about: 'The IANA time zone in which days, weeks, months, quarters and years begin, UTC by default',
    schema: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$', example: 'Europe/Berlin' },
  },
  sort: {
    component: 'aggregateSort',
    about:
      'Names from by, count, or values such as sum(value), with - for descending order; by default the order of by',
    schema: string,
    mayBeEmpty: true,
  },
  limit: {
    component: 'aggregateLimit',
    about: 'Groups in the answer, 1000 by default',
    schema: { type: 'integer', minimum: 1, maximum: 10_000 },
  },
} as const satisfies ParametersAbout

function groupsSchema(noun: NounSchema): Json {
  const group = groupPattern(noun)
  return { type: 'string', pattern: `^${group}(,${group}){0,${groupsMax - 1}}$` }
}

/** The group of a field's values, or of the days, months and so on of its times. */
function groupPattern(noun: NounSchema): string {
  const onwards = pathPattern(noun)
  const any = [...fieldNames(noun, () => true), ...onwards]
  const times = [...fieldNames(noun, (storage) => storage === 'time' || storage === 'date'), ...onwards]
  return `(${alternatives(any)}|${alternatives(timeBuckets)}[(]${alternatives(times)}[)])`
}

/** No pattern can count parentheses: this one describes the parts of expressions. */
function expressionsOf(isAccepted: (storage: StorageClass) => boolean): (noun: NounSchema) => Json {
  return (noun) => {
    const onwards = pathPattern(noun)
    const values = alternatives([...fieldNames(noun, isAccepted), ...onwards])
    const compared = alternatives([...fieldNames(noun, (storage) => storage === 'text'), ...onwards])
    const part = `(${values}|[0-9]+([.][0-9]+)?|coalesce[(]|match[(] ?${compared}|'[^']*'|[-+*/(),])`
    return { type: 'string', pattern: `^( ?${part})+$` }
  }
}

/** The fields with one value that are of these storage classes. */
function fieldNames({ fields }: NounSchema, isAccepted: (storage: StorageClass) => boolean): readonly string[] {
  const own = Object.values(fields).flatMap((field) =>
    field.kind === 'reverse' ? [] : [[field.name, storageClassOf(field)] as const],
  )
  const meta = Object.entries(metaStorage).filter(([name]) => name !== '$type')
  return [...meta, ...own].filter(([, storage]) => !isListStorage(storage) && isAccepted(storage)).map(([name]) => name)
}

/** Paths through references, and into json. */
function pathPattern({ fields }: NounSchema): readonly string[] {
  const first = Object.values(fields).filter(
    (field) => (field.kind === 'reference' && !field.many) || (field.kind === 'data' && field.type === 'json'),
  )
  if (first.length === 0) return []
  return [`${alternatives(first.map(({ name }) => name))}([.][A-Za-z0-9_-]+){1,3}`]
}

function isNumber(storage: StorageClass): boolean {
  return storage === 'real' || storage === 'json'
}

function isComparable(storage: StorageClass): boolean {
  return storage !== 'boolean'
}
