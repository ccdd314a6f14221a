// The command `Deal.aggregate`: groups of entities with counts, sums and other values.

import { aggregateFunctions, type NounSchema, parseAggregate } from 'digital-objects'
import { anyEntity } from '@headlessly/sdk'
import type { Row } from './row.ts'
import { checkRead, refused } from './check-read.ts'
import type { CommandCall, EntityCommand } from './command.ts'
import { comparedFlags } from './field-flag.ts'
import { type Flag, wholeNumber } from './flag.ts'
import type { FlagValues } from './parse-flags.ts'
import { asOf, filterFlag, filterOf, strong } from './read-flags.ts'

const aboutOf = {
  sum: 'sums of fields or expressions: value, value*probability/100',
  avg: 'averages',
  min: 'least values',
  max: 'greatest values',
  distinct: 'numbers of different values',
  median: 'medians',
} as const

const own: readonly Flag[] = [
  { name: 'by', kind: 'value', placeholder: '<group,…>', about: 'fields, paths and periods: stage,month(closedAt)' },
  ...aggregateFunctions.map((name): Flag => ({ name, kind: 'value', placeholder: '<value,…>', about: aboutOf[name] })),
  {
    name: 'zone',
    kind: 'value',
    placeholder: '<zone>',
    about: 'where days and months begin: Europe/Berlin; default: UTC',
  },
  {
    name: 'sort',
    kind: 'value',
    placeholder: '<name,…>',
    about: 'such as -sum(value) or count; default: the order of --by',
  },
  {
    name: 'limit',
    kind: 'value',
    placeholder: '<number>',
    about: 'groups; default 1000',
    parse: wholeNumber(1, 10_000),
  },
  filterFlag,
  strong,
  asOf,
]
const names = own.map(({ name }) => name)

export function aggregateCommand(schema: NounSchema): EntityCommand {
  return {
    method: 'aggregate',
    words: [],
    about: 'count, sum and average matching entities, in groups',
    example: `--by 'month($createdAt)'`,
    flags: [...own, ...comparedFlags(schema).filter(({ name }) => !names.includes(name))],
    run: (call) => run(schema, call),
  }
}

async function run(schema: NounSchema, call: CommandCall): Promise<number> {
  const { flags, types, output, client, signal } = call
  const command = `${schema.name}.aggregate`
  checkRead(schema, call, { command, isOwnSort: true })
  const given = inputOf(flags)
  // The entity type may have had other fields at an earlier time.
  if (!flags.has('as-of')) refused('by', command, () => parseAggregate(given, { schema, lookup: types.find }))
  const rows: readonly Row[] & { readonly hasMore: boolean } = await anyEntity(client(), schema.name).aggregate(
    filterOf(schema, flags, { others: names }),
    {
      ...given,
      limit: flags.number('limit'),
      strong: flags.isOn('strong') ? true : undefined,
      asOf: flags.text('as-of'),
      signal,
    },
  )
  if (output.isJson) output.json(rows)
  else {
    const flat = rows.map(toColumns)
    output.rows(flat, Object.keys(flat[0] ?? {}))
  }
  if (rows.hasMore) output.note(`${rows.length}, and there are more; raise --limit`)
  return 0
}

function inputOf(flags: FlagValues): Readonly<Record<string, string>> {
  const given = ['by', ...aggregateFunctions, 'zone', 'sort'].flatMap((name) => {
    const text = flags.text(name)
    return text === undefined ? [] : [[name, text] as const]
  })
  return Object.fromEntries(given)
}

/** Returns a row of one column for each group, the count, and each value: `sum(value)`. */
function toColumns({ by, count, ...values }: Row): Row {
  const named = Object.entries(values).flatMap(([kind, ofKind]) =>
    Object.entries(ofKind ?? {}).map(([name, value]) => [`${kind}(${name})`, value] as const),
  )
  return { ...(typeof by === 'object' ? by : {}), count, ...Object.fromEntries(named) }
}
