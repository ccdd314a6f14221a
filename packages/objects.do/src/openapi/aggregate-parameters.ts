// The query parameters of `aggregate` in the OpenAPI document.

import type { ParametersAbout } from './parameter.ts'

const string = { type: 'string' } as const

export const aggregateParameters = {
  by: {
    component: 'aggregateBy',
    about:
      'Groups, separated by commas: fields, paths through references, and day, week, month, quarter or year of a datetime, such as stage,month(closedAt)',
    schema: string,
  },
  sum: {
    component: 'aggregateSum',
    about: 'Sums, separated by commas: fields or expressions such as value*probability/100',
    schema: string,
  },
  avg: { component: 'aggregateAvg', about: 'Averages, as for sum', schema: string },
  min: { component: 'aggregateMin', about: 'The least values, also of strings and datetimes', schema: string },
  max: { component: 'aggregateMax', about: 'The greatest values, also of strings and datetimes', schema: string },
  distinct: { component: 'aggregateDistinct', about: 'The numbers of different values', schema: string },
  median: { component: 'aggregateMedian', about: 'Medians, as for sum', schema: string },
  zone: {
    component: 'aggregateZone',
    about: 'The time zone in which days, weeks, months, quarters and years begin, UTC by default',
    schema: { type: 'string', example: 'Europe/Berlin' },
  },
  sort: {
    component: 'aggregateSort',
    about:
      'Names from by, count, or values such as sum(value), with - for descending order; by default the order of by',
    schema: string,
  },
  limit: {
    component: 'aggregateLimit',
    about: 'Groups in the answer, 1000 by default',
    schema: { type: 'integer', minimum: 1, maximum: 10_000 },
  },
} as const satisfies ParametersAbout
