// `flags`, `assign`, `analysis` and `members`: what the server computes for flags, experiments, funnels, goals and segments.

import type { FlagSubject } from '@headlessly/sdk'
import { isPlainObject, type JsonValue } from 'digital-objects'
import type { Row } from './row.ts'
import type { Command, CommandCall } from './command.ts'
import { type Flag, jsonObject, oneOf, wholeNumber } from './flag.ts'
import type { FlagValues } from './parse-flags.ts'
import { asOf } from './read-flags.ts'

const steps = ['day', 'week', 'month', 'quarter', 'year'] as const

const subjectFlags: readonly Flag[] = [
  { name: 'user-id', kind: 'value', placeholder: '<id>', about: 'the person in your application' },
  { name: 'contact', kind: 'value', placeholder: '<id>', about: 'the id of a contact or another entity' },
  { name: 'anonymous-id', kind: 'value', placeholder: '<id>', about: 'the visitor' },
  {
    name: 'properties',
    kind: 'value',
    placeholder: '<json>',
    about: `what is known of the person: '{"plan":"pro"}'`,
    parse: jsonObject,
  },
]

const criteria: Flag = {
  name: 'filter',
  kind: 'value',
  placeholder: '<json>',
  about: 'a condition, such as {"stage":"Customer"}',
  parse: jsonObject,
}

function subjectOf(flags: FlagValues): FlagSubject {
  const properties = flags.object('properties')
  return {
    userId: flags.text('user-id'),
    contact: flags.text('contact'),
    anonymousId: flags.text('anonymous-id'),
    ...(isPlainObject(properties) ? { properties: properties as Readonly<Record<string, JsonValue>> } : {}), // was JSON
  }
}

const flagsCommand: Command = {
  name: 'flags',
  words: ['[key]'],
  about: 'evaluate all feature flags, or one of them, for a person or a visitor',
  example: 'flags new-checkout --user-id u_1',
  flags: subjectFlags,
  async run({ words: [key], flags, output, client, signal }) {
    const evaluated = client().flags
    if (key !== undefined) {
      output.record({ ...(await evaluated.get(key, subjectOf(flags), { signal })) })
      return 0
    }
    const all = await evaluated.all(subjectOf(flags), { signal })
    if (output.isJson) output.json(all)
    else
      output.rows(
        Object.entries(all).map(([name, value]): Row => ({ key: name, value })),
        ['key', 'value'],
      )
    return 0
  },
}

const assignCommand: Command = {
  name: 'assign',
  words: ['<experiment>'],
  about: 'assign a person or a visitor to a variant, and record once that they have seen it',
  example: 'assign experiment_1VbZ0kQ3x9Ta --user-id u_1',
  flags: subjectFlags,
  async run({ words: [experiment = ''], flags, output, client, signal }) {
    output.record({ ...(await client().flags.assign(experiment, subjectOf(flags), { signal })) })
    return 0
  },
}

const analysisCommand: Command = {
  name: 'analysis',
  words: ['<Type>', '<id>'],
  about: 'show the analysis of a funnel, an experiment or a goal',
  example: 'analysis Funnel funnel_1VbZ0kQ3x9Ta --within P7D',
  flags: [
    { name: 'from', kind: 'value', placeholder: '<date>', about: 'the first day of a funnel' },
    { name: 'to', kind: 'value', placeholder: '<date>', about: 'the last day of a funnel' },
    { name: 'within', kind: 'value', placeholder: '<duration>', about: 'the time for all steps of a funnel: P7D' },
    {
      name: 'step',
      kind: 'value',
      placeholder: '<period>',
      values: steps,
      about: 'the funnel by periods',
      parse: oneOf(steps),
    },
    { name: 'by', kind: 'value', placeholder: '<field>', about: 'the funnel by a field of its first step' },
    criteria,
    asOf,
  ],
  run: (call) => analyze(call),
}

async function analyze({ words: [type = '', id = ''], flags, output, client, signal }: CommandCall): Promise<number> {
  const filter = flags.object('filter')
  const found: Row = {
    ...(await client().analysis(type, id, {
      from: flags.text('from'),
      to: flags.text('to'),
      within: flags.text('within'),
      step: steps.find((one) => one === flags.text('step')),
      by: flags.text('by'),
      ...(isPlainObject(filter) ? { filter } : {}),
      asOf: flags.text('as-of'),
      signal,
    })),
  }
  if (output.isJson) output.json(found)
  else output.record(found)
  return 0
}

const membersCommand: Command = {
  name: 'members-of',
  words: ['<Type>', '<id>'],
  about: 'list the members of a segment',
  example: 'members-of Segment segment_1VbZ0kQ3x9Ta --limit 20',
  flags: [
    { name: 'sort', kind: 'value', placeholder: '<field,…>', about: 'prefix - for descending' },
    { name: 'limit', kind: 'value', placeholder: '<number>', about: 'page size', parse: wholeNumber(1, 100) },
    { name: 'cursor', kind: 'value', placeholder: '<cursor>', about: 'continue after an earlier page' },
    criteria,
    asOf,
  ],
  async run({ words: [type = '', id = ''], flags, output, client, signal }) {
    const filter = flags.object('filter')
    const page = await client().members(type, id, {
      sort: flags.text('sort'),
      limit: flags.number('limit'),
      cursor: flags.text('cursor'),
      ...(isPlainObject(filter) ? { filter } : {}),
      asOf: flags.text('as-of'),
      signal,
    })
    output.rows(
      page.map((one): Row => ({ ...one })),
      ['$id', 'name'],
    )
    if (page.cursor !== null && page.cursor !== undefined) output.note(`more: --cursor ${page.cursor}`)
    return 0
  },
}

export const productCommands: readonly Command[] = [flagsCommand, assignCommand, analysisCommand, membersCommand]
