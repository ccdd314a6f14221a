// The unit of a number. Amounts of the type `money` have theirs by the type; of another number its description says whether it
// is an amount or a share, for types of one's own as well.

export type FieldUnit = 'minor' | 'major' | 'percent' | undefined

interface Described {
  readonly type?: string
  readonly description?: string
}

export function unitOf({ type, description = '' }: Described): FieldUnit {
  if (type === 'money') return 'minor'
  if (type !== 'number' && type !== 'integer') return undefined
  if (/\bin major (?:currency )?units\b/i.test(description)) return 'major'
  return /\bin percent\b/i.test(description) ? 'percent' : undefined
}
