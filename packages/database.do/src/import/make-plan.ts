// Makes the plan of an import from the header of the file, the evidence of its columns, and the choices of the caller.

import { type NounSchema, parseDatetime, parseTimeZone, type StoredField, storedFields } from 'digital-objects'
import { withFormats } from './column-formats.ts'
import type { ImportChoices } from './import-choices.ts'
import type { ImportPlan, ImportQuestion, PlannedColumn } from './import-plan.ts'
import { refuseFile, refuseOption } from './import-refused.ts'
import { importSystems, recognizeExport } from './import-systems.ts'
import { mapColumns } from './map-columns.ts'
import { PlanProblems } from './plan-problems.ts'
import { isOwnHeader } from './rows.ts'
import type { PlannedFile } from './planned-file.ts'

const ownSystem = 'headlessly'

export interface MadePlan {
  /** Leaves out what is a problem or a question. */
  readonly plan: ImportPlan
  /** Choices that do not fit the file, and columns that are nothing. */
  readonly problems: PlanProblems
  readonly questions: readonly ImportQuestion[]
}

/** Throws an ObjectError for a system that there is none of. */
export function makePlan(noun: NounSchema, file: PlannedFile, choices: ImportChoices): MadePlan {
  const problems = new PlanProblems()
  checkHeader(file.header, problems)
  const isOwn = isOwnHeader(file.header)
  if (choices.system !== undefined && !importSystems.some(({ name }) => name === choices.system))
    throw refuseOption(
      'system',
      `expects ${importSystems.map(({ name }) => name).join(', ')}, got '${choices.system.slice(0, 40)}'`,
    )
  const known = isOwn
    ? undefined
    : recognizeExport(file.header, {
        noun: noun.name,
        ...(choices.system === undefined ? {} : { system: choices.system }),
      })
  if (choices.system !== undefined && known === undefined)
    problems.add(
      refuseFile(`the file has not the columns of an export of ${noun.name} from ${choices.system}`, 'system'),
    )
  const fields = new Map(storedFields(noun).map((field) => [field.name, field]))
  const mapped = mapColumns(file.header, { noun, fields, choices, known: known?.export, problems })
  const { columns, questions } = withFormats(mapped, { fields, file, choices, isOwn, known: known?.export })
  const named = new Set(columns.flatMap(({ to, field }) => (to === 'field' && field !== undefined ? [field] : [])))
  const values = problems.attempt(() => valuesOf(choices.values ?? {}, { fields, named }), {})
  for (const name of Object.keys(values)) named.add(name)
  const composesName = fields.has('name') && !named.has('name') && (named.has('firstName') || named.has('lastName'))
  const given = choices.at
  const isTime = given !== undefined && !file.header.includes(given)
  const at = isTime ? problems.attempt<string | undefined>(() => timeOf(given), undefined) : undefined
  const plan: ImportPlan = {
    noun: noun.name,
    system: isOwn ? ownSystem : (known?.system ?? choices.system ?? ''),
    columns,
    match: problems.attempt(() => matchOf(choices.match, { columns, fields }), null),
    zone: problems.attempt(() => zoneOf(choices.zone), 'UTC'),
    ...(Object.keys(values).length === 0 ? {} : { values }),
    ...(at === undefined ? {} : { at }),
    ...(choices.ids === 'keep' && problems.attempt(() => hasIds(columns), false) ? { ids: 'keep' } : {}),
    ...(composesName ? { composesName } : {}),
    ...(file.convertsNumbers === true ? { convertsNumbers: true } : {}),
  }
  return {
    plan,
    problems,
    questions: [...questions, ...(plan.match === null ? missingFields(fields, { named, composesName }) : [])],
  }
}

/** A value is for the rows of a file that has no column of the field. */
function valuesOf(
  values: NonNullable<ImportChoices['values']>,
  { fields, named }: { readonly fields: ReadonlyMap<string, StoredField>; readonly named: ReadonlySet<string> },
): NonNullable<ImportPlan['values']> {
  for (const [name, value] of Object.entries(values)) {
    const shown = name.slice(0, 64)
    if (!fields.has(name)) throw refuseOption('values', `expects fields, and there is no field '${shown}'`)
    if (named.has(name))
      throw refuseOption('values', `has '${shown}', which a column of the file gives: leave it out of one`)
    if (value === null) throw refuseOption('values', `expects a value for '${shown}', got null`)
  }
  return values
}

function checkHeader(header: readonly string[], problems: PlanProblems): void {
  if (header.length === 0) problems.add(refuseFile('the file has no header: its first line names the columns'))
  for (const [at, name] of header.entries()) {
    if (name === '') problems.add(refuseFile(`column ${at + 1} has no name: line 1 names every column`))
    else if (header.indexOf(name) !== at)
      problems.add(refuseFile(`column '${name}' occurs twice: give each column a name of its own`), name)
  }
}

function hasIds(columns: readonly PlannedColumn[]): boolean {
  if (columns.some(({ to }) => to === 'id')) return true
  throw refuseOption('ids', 'expects map, since no column is the id: name it in columns, such as {"Number":"$id"}')
}

/** Without a choice: the row's name in the file, else a unique field that the file has. */
function matchOf(
  chosen: string | undefined,
  {
    columns,
    fields,
  }: { readonly columns: readonly PlannedColumn[]; readonly fields: ReadonlyMap<string, StoredField> },
): string | null {
  const hasId = columns.some(({ to }) => to === 'id')
  const has = (name: string): boolean => columns.some(({ to, field }) => to === 'field' && field === name)
  if (chosen === undefined || chosen === '') {
    if (chosen === '') return null
    if (hasId) return '$id'
    return [...fields.values()].find(({ name, unique }) => unique && has(name))?.name ?? null
  }
  if (chosen === '$id') {
    if (hasId) return '$id'
    throw refuseOption('match', 'expects a column that is the id: name it in columns, such as {"Number":"$id"}')
  }
  const field = fields.get(chosen)
  const able = [...fields.values()].filter(({ indexed, unique }) => indexed || unique).map(({ name }) => name)
  if (field === undefined || !(field.indexed || field.unique) || field.many)
    throw refuseOption(
      'match',
      `expects $id or an indexed field, such as ${able.slice(0, 5).join(', ')}, got '${chosen.slice(0, 64)}'`,
    )
  if (!has(chosen)) throw refuseOption('match', `expects a field of the file, and no column is '${chosen}'`)
  return chosen
}

function zoneOf(chosen = 'UTC'): string {
  const zone = parseTimeZone(chosen)
  if (zone === undefined)
    throw refuseOption('zone', `expects a time zone such as Europe/Berlin, got '${chosen.slice(0, 64)}'`)
  return zone
}

function timeOf(at: string): string {
  if (parseDatetime(at) !== undefined) return at
  throw refuseOption('at', `expects a timestamp with an offset or a column of the file, got '${at.slice(0, 64)}'`)
}

/** A row that matches an entity needs no field. What a new entity lacks is known once its row is written. */
function missingFields(
  fields: ReadonlyMap<string, StoredField>,
  { named, composesName }: { readonly named: ReadonlySet<string>; readonly composesName: boolean },
): readonly ImportQuestion[] {
  return [...fields.values()]
    .filter((field) => field.required && !named.has(field.name) && !(field.name === 'name' && composesName))
    .filter((field) => field.kind === 'reference' || field.default === undefined)
    .filter((field) => field.kind !== 'data' || field.sum === undefined)
    .map(({ name }) => ({
      option: 'columns',
      field: name,
      message: `no column is '${name}', which is required: name it in columns, or give all rows one value in values`,
    }))
}
