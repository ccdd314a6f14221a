// Checks the flags of a read against the vocabulary before it is sent. The server would refuse it with the same
// message.

import { metaFieldNames, type NounSchema, ObjectError, parseFilter, parseSort } from 'digital-objects'
import type { EntityTypes } from './entity-types.ts'
import type { FlagValues } from './parse-flags.ts'
import { suggestion, UsageError } from './usage-error.ts'

interface CheckedRead {
  readonly flags: FlagValues
  readonly types: EntityTypes
}

/** Throws a UsageError that names the flag. `isOwnSort` is for a command whose `--sort` names something else than fields. */
export function checkRead(
  schema: NounSchema,
  { flags, types }: CheckedRead,
  { command, isOwnSort = false }: { readonly command: string; readonly isOwnSort?: boolean },
): void {
  const [sort, filter, timestamp] = [flags.text('sort'), flags.object('filter'), flags.text('as-of')]
  // The entity type may have had other fields at that time.
  if (timestamp !== undefined) return
  if (sort !== undefined && !isOwnSort) refused('sort', command, () => parseSort(sort, schema))
  if (filter !== undefined) refused('filter', command, () => parseFilter(filter, { schema, lookup: types.find }))
  const fields = Object.values(schema.fields)
  const relations = fields.filter(({ kind }) => kind === 'reference' || kind === 'reverse').map(({ name }) => name)
  const all = [...fields.map(({ name }) => name), ...metaFieldNames]
  for (const [flag, known] of [
    ['include', relations],
    ['fields', all],
  ] as const)
    for (const name of namesIn(flags.text(flag)))
      if (!known.includes(name))
        throw new UsageError(`--${flag}: ${schema.name} has no '${name}'${suggestion(name, known)}`, command)
}

/** Splits `name,stage` into `['name', 'stage']`. */
export function namesIn(text = ''): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** Turns the refusal of a flag's value into a UsageError that names the flag. */
export function refused(flag: string, command: string, parse: () => unknown): void {
  try {
    parse()
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    throw new UsageError(`--${flag}: ${error.message}`, command)
  }
}
