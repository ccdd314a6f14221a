// The choices of a caller about an import, which would otherwise be guessed from the file.

import { findInexactNumber, inexactNumberFault, isPlainObject, type JsonValue, tryParseJson } from 'digital-objects'
import type { DateOrder, DecimalMark } from './cell-formats.ts'
import { refuseOption } from './import-refused.ts'

/** The choices of the caller, by the parameters of the request. */
export interface ImportChoices {
  /** Maps headers to fields, `$id`, `$at`, `metadata.key`, or an empty string for a column that is left out. */
  readonly columns?: Readonly<Record<string, string>>
  /** Values of the API, by field, that all rows have whose columns do not give the field. */
  readonly values?: Readonly<Record<string, JsonValue>>
  readonly system?: string
  readonly match?: string
  readonly at?: string
  readonly dates?: DateOrder
  readonly decimal?: DecimalMark
  readonly amounts?: 'major' | 'minor'
  readonly zone?: string
  /** Whether the entities keep the ids that the file has, or get new ones that are found by those. */
  readonly ids?: 'keep' | 'map'
  /** The fate of columns that are no field. */
  readonly unmapped?: 'refuse' | 'ignore' | 'metadata'
}

const choiceNames = [
  'columns',
  'values',
  'system',
  'match',
  'at',
  'dates',
  'decimal',
  'amounts',
  'zone',
  'ids',
  'unmapped',
] as const

/** Reads the choices from the parameters of a request. Throws an ObjectError. */
export function parseChoices(parameters: Readonly<Record<string, string>>): ImportChoices {
  const { columns, values, dates, decimal, amounts, unmapped: fate, system, match, at, zone, ids } = parameters
  const oneOf = <Value extends string>(
    name: string,
    value: string | undefined,
    values: readonly Value[],
  ): Value | undefined => {
    if (value === undefined) return undefined
    const found = values.find((one) => one === value)
    if (found === undefined) throw refuseOption(name, `expects ${values.join(', ')}, got '${value.slice(0, 40)}'`)
    return found
  }
  const chosen = {
    columns: columns === undefined ? undefined : parseColumns(columns),
    values: values === undefined ? undefined : parseValues(values),
    dates: oneOf('dates', dates, ['dmy', 'mdy', 'ymd']),
    decimal: oneOf('decimal', decimal, ['.', ',']),
    amounts: oneOf('amounts', amounts, ['major', 'minor']),
    ids: oneOf('ids', ids, ['keep', 'map']),
    unmapped: oneOf('unmapped', fate, ['refuse', 'ignore', 'metadata']),
    system,
    match,
    at,
    zone,
  }
  return Object.fromEntries(choiceNames.flatMap((name) => (chosen[name] === undefined ? [] : [[name, chosen[name]]])))
}

function parseColumns(text: string): Readonly<Record<string, string>> {
  const given = tryParseJson(text)
  if (isPlainObject(given) && Object.values(given).every((value) => typeof value === 'string'))
    return given as Readonly<Record<string, string>>
  throw refuseOption('columns', 'expects a JSON object of headers and fields, such as {"E-Mail":"email","Nr.":"$id"}')
}

function parseValues(text: string): Readonly<Record<string, JsonValue>> {
  const given = tryParseJson(text)
  const inexact = findInexactNumber(text)
  if (inexact !== undefined) throw refuseOption('values', inexactNumberFault(inexact.text))
  if (isPlainObject(given)) return given as Readonly<Record<string, JsonValue>> // it was parsed from JSON
  throw refuseOption('values', 'expects a JSON object of fields and their values, such as {"currency":"EUR"}')
}

export const choiceParameters: readonly string[] = choiceNames
