// Maps the columns of a file to fields: by the choices of the caller, by the export that wrote the file, by names and by synonyms.

import { metaFieldNames, nearestName, type NounSchema, type StoredField } from 'digital-objects'
import type { ImportChoices } from './import-choices.ts'
import type { PlannedColumn } from './import-plan.ts'
import { refuseFile, refuseOption } from './import-refused.ts'
import type { PlanProblems } from './plan-problems.ts'
import type { SystemExport } from './import-system.ts'
import { idHeaders, normalizeHeader, synonyms, synonymsOfNouns } from './synonyms.ts'

export interface Mapping {
  readonly noun: NounSchema
  readonly fields: ReadonlyMap<string, StoredField>
  readonly choices: ImportChoices
  readonly known: SystemExport | undefined
  /** Receives what is wrong with columns, which are left out then. */
  readonly problems: PlanProblems
}

/** The reasons from the strongest to the weakest. Of several columns that mean one field, the strongest reason wins. */
const reasons = ['choice', 'system', 'name', 'label', 'synonym', 'none'] as const

export function mapColumns(header: readonly string[], mapping: Mapping): readonly PlannedColumn[] {
  const { choices, problems } = mapping
  const unknown = Object.keys(choices.columns ?? {}).filter(
    (name) => !header.includes(name) && !header.includes(name.split('.')[0] ?? ''),
  )
  for (const name of unknown)
    problems.add(
      refuseOption(
        'columns',
        `names '${name.slice(0, 80)}', which is no column of the file${didYouMean(name, header)}`,
      ),
      name,
    )
  const guessed = header.flatMap((name, index) => columnsOf(name, index, mapping))
  const strength = (column: PlannedColumn): number => reasons.indexOf(column.by)
  return guessed.map((column) => {
    if (column.field === undefined || column.to !== 'field') return column
    const rivals = guessed.filter(({ field, to }) => to === 'field' && field === column.field)
    const best = rivals.reduce((one, other) => (strength(other) < strength(one) ? other : one))
    if (best === column) return column
    if (column.by !== 'choice') return unmapped(column, mapping)
    problems.add(
      refuseOption('columns', `gives '${best.header}' and '${column.header}' to the field '${column.field}'`),
      column.header,
    )
    return leftOut(column)
  })
}

function columnsOf(header: string, index: number, mapping: Mapping): readonly PlannedColumn[] {
  const { columns: chosen = {}, at } = mapping.choices
  const base = { index, header }
  const ways = [
    ...Object.entries(chosen).map(([name, to]) => ({ name, to, by: 'choice' as const })),
    ...Object.entries(mapping.known?.columns ?? {}).map(([name, to]) => ({ name, to, by: 'system' as const })),
  ]
  const into = ways.filter(({ name }) => name.startsWith(`${header}.`) && !Object.hasOwn(chosen, header))
  if (into.length > 0)
    return into.map(({ name, to, by }) =>
      targeted({ ...base, header: name, path: name.slice(header.length + 1).split('.') }, { to, by }, mapping),
    )
  const direct = ways.find(({ name }) => name === header)
  if (direct !== undefined) return [targeted(base, direct, mapping)]
  if (at === header) return [{ ...base, to: 'at', by: 'choice' }]
  return [guess(base, mapping)]
}

type Place = Pick<PlannedColumn, 'index' | 'header' | 'path'>

function targeted(
  place: Place,
  { to, by }: { readonly to: string; readonly by: 'choice' | 'system' },
  mapping: Mapping,
): PlannedColumn {
  const { fields, known, noun, problems } = mapping
  if (to === '') return { ...place, to: 'ignored', by }
  if (to === '$id') return { ...place, to: 'id', by }
  if (to === '$at') return { ...place, to: 'at', by }
  if (to.startsWith('metadata.') && fields.has('metadata'))
    return { ...place, to: 'metadata', field: to.slice('metadata.'.length), by }
  if (!fields.has(to)) {
    // A tenant may have removed the field of a built-in Noun.
    if (by === 'system') return unmapped({ ...place, to: 'ignored', by }, mapping)
    problems.add(
      refuseOption(
        'columns',
        `gives '${place.header}' to '${to.slice(0, 80)}', which is no field of ${noun.name}${didYouMean(to, [...fields.keys()])}`,
      ),
      place.header,
    )
    return leftOut(place)
  }
  const values = known?.values?.[to]
  return { ...place, to: 'field', field: to, by, ...(values === undefined ? {} : { values }) }
}

function guess(place: Place, mapping: Mapping): PlannedColumn {
  const { fields, known, noun } = mapping
  const { header } = place
  if (fields.has(header) && (known === undefined || fields.get(header)?.kind !== 'enum'))
    return { ...place, to: 'field', field: header, by: 'name' }
  if (header === '$id') return { ...place, to: 'id', by: 'name' }
  if (header === '$createdAt') return { ...place, to: 'at', by: 'name' }
  if ((metaFieldNames as readonly string[]).includes(header)) return { ...place, to: 'ignored', by: 'name' }
  const normalized = normalizeHeader(header)
  const byName = [...fields.keys()].find((name) => name.toLowerCase() === normalized)
  // A known program's own column has its own values.
  if (byName !== undefined && (known === undefined || fields.get(byName)?.kind !== 'enum'))
    return { ...place, to: 'field', field: byName, by: 'label' }
  // The columns of a known export are complete, so another one is a field of the customer's own.
  if (known === undefined) {
    const own = synonymsOfNouns[noun.name] ?? {}
    const names = [...fields.keys()]
    const byWord =
      names.find((name) => own[name]?.includes(normalized) === true) ??
      names.find((name) => synonyms[name]?.includes(normalized) === true)
    if (byWord !== undefined) return { ...place, to: 'field', field: byWord, by: 'synonym' }
    if (idHeaders.includes(normalized)) return { ...place, to: 'id', by: 'synonym' }
  }
  return unmapped({ ...place, to: 'ignored', by: 'none' }, mapping)
}

function unmapped(column: PlannedColumn, { choices, fields, known, noun, problems }: Mapping): PlannedColumn {
  const { index, header, path } = column
  const place = { index, header, ...(path === undefined ? {} : { path }) }
  const fate = choices.unmapped ?? (known === undefined ? 'refuse' : fields.has('metadata') ? 'metadata' : 'ignore')
  if (fate === 'ignore') return { ...place, to: 'ignored', by: 'none' }
  if (fate === 'metadata' && fields.has('metadata')) return { ...place, to: 'metadata', field: header, by: 'none' }
  // A second column of the name is a problem already.
  if (problems.hasColumn(header)) return leftOut(place)
  problems.add(
    refuseFile(
      `column '${header.slice(0, 80)}' is not a field of ${noun.name}${didYouMean(header, [...fields.keys()])}: name its field in columns, or say unmapped=ignore or unmapped=metadata`,
      'columns',
    ),
    header,
  )
  return leftOut(place)
}

function leftOut({ index, header, path }: Place): PlannedColumn {
  return { index, header, ...(path === undefined ? {} : { path }), to: 'ignored', by: 'none' }
}

function didYouMean(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`
}
