// Two definitions of an entity type compared, member by member: `fields.seats` is `integer` here and `integer(1..60)`
// there.

import { isPlainObject, type NounDefinition } from 'digital-objects'

export interface Difference {
  readonly [column: string]: string
  readonly part: string
  /** Empty if it is not there. */
  readonly server: string
  readonly file: string
}

/**
 * Parts that the file does not have are not compared. Of a part that it has, everything is, unless the file is an
 * addition, which names only what it adds, and `null` for what it takes back.
 */
export function diffDefinitions(
  server: NounDefinition | undefined,
  file: Partial<NounDefinition>,
  { isAddition }: { readonly isAddition: boolean },
): readonly Difference[] {
  const [before, after] = [membersOf(server ?? {}), membersOf(file)]
  const compared = [...before].filter(([part]) => !isAddition && Object.hasOwn(file, part.split('.', 1)[0] ?? ''))
  const parts = new Set([...compared.map(([part]) => part), ...after.keys()])
  return [...parts].flatMap((part) => {
    const difference = { part, server: before.get(part) ?? '', file: after.get(part) ?? '' }
    return difference.server === difference.file ? [] : [difference]
  })
}

/** `fields.name` -> `string!`. Lists are compared as a whole. */
function membersOf(definition: Partial<NounDefinition>): ReadonlyMap<string, string> {
  const members = new Map<string, string>()
  for (const [part, value] of Object.entries(definition)) {
    if (!isPlainObject(value)) members.set(part, textOf(value))
    else for (const [name, member] of Object.entries(value)) members.set(`${part}.${name}`, textOf(member))
  }
  return members
}

function textOf(value: unknown): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
