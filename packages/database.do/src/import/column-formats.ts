// Decides the formats of text columns by their evidence, the other columns of the file, and the choices of the caller.

import type { StoredField } from 'digital-objects'
import type { DecimalMark, TextFormats } from './cell-formats.ts'
import type { ColumnEvidence } from './column-evidence.ts'
import type { ImportChoices } from './import-choices.ts'
import type { ImportQuestion, PlannedColumn } from './import-plan.ts'
import type { SystemExport } from './import-system.ts'
import type { PlannedFile } from './planned-file.ts'

export interface Formatting {
  readonly fields: ReadonlyMap<string, StoredField>
  readonly file: PlannedFile
  readonly choices: ImportChoices
  readonly isOwn: boolean
  readonly known: SystemExport | undefined
}

export function withFormats(
  columns: readonly PlannedColumn[],
  formatting: Formatting,
): { readonly columns: readonly PlannedColumn[]; readonly questions: readonly ImportQuestion[] } {
  const { fields, file, choices, isOwn, known } = formatting
  if (!file.isText) return { columns, questions: [] }
  const questions: ImportQuestion[] = []
  const typeOf = (column: PlannedColumn): string => {
    const field = column.field === undefined ? undefined : fields.get(column.field)
    if (column.to === 'at') return 'datetime'
    return column.to === 'field' && field?.kind === 'data' ? field.type : ''
  }
  const decimals = sharedDecimal(columns, formatting, typeOf)
  const orders = new Set(
    columns.filter((column) => isTime(typeOf(column))).flatMap(({ index }) => file.evidence[index]?.dates ?? []),
  )
  const sharedOrder = [...orders].filter((order) => order === 'dmy' || order === 'mdy')
  const planned = columns.map((column): PlannedColumn => {
    const type = typeOf(column)
    const evidence = file.evidence[column.index]
    if (evidence === undefined) return column
    if (isTime(type)) {
      const found = choices.dates ?? evidence.dates
      const only = sharedOrder.length === 1 && !evidence.hasContradictoryDates ? sharedOrder[0] : undefined
      const dates = found === 'unclear' ? only : found
      if (found === 'unclear' && dates === undefined)
        questions.push({
          option: 'dates',
          column: column.header,
          message: `'${column.header}' has dates such as '${evidence.examples[0] ?? ''}': say dates=dmy or dates=mdy`,
        })
      return dates === undefined ? column : { ...column, formats: { dates } }
    }
    if (!isNumber(type)) return column
    const found = choices.decimal ?? (isOwn ? '.' : evidence.decimal)
    const decimal = found === 'unclear' ? decimals : (found ?? decimals ?? '.')
    if (decimal === undefined)
      questions.push({
        option: 'decimal',
        column: column.header,
        message: `'${column.header}' has numbers such as '${evidence.examples[0] ?? ''}': say decimal=. or decimal=,`,
      })
    const amounts = type === 'money' ? amountsOf(evidence, { choices, isOwn, known }) : undefined
    if (type === 'money' && amounts === undefined && evidence.filled > 0)
      questions.push({
        option: 'amounts',
        column: column.header,
        message: `'${column.header}' has amounts such as '${evidence.examples[0] ?? ''}': say amounts=major for units of the currency, or amounts=minor for cents`,
      })
    const formats: TextFormats = {
      ...(decimal === undefined ? {} : { decimal }),
      ...(amounts === undefined ? {} : { amounts }),
    }
    return { ...column, formats }
  })
  return { columns: planned, questions }
}

function isTime(type: string): boolean {
  return type === 'date' || type === 'datetime'
}

function isNumber(type: string): boolean {
  return type === 'number' || type === 'integer' || type === 'money'
}

/** The decimal mark that the other columns of numbers have. Programs that divide by semicolons do it because of decimal commas. */
function sharedDecimal(
  columns: readonly PlannedColumn[],
  { file, known }: Formatting,
  typeOf: (column: PlannedColumn) => string,
): DecimalMark | undefined {
  const marks = new Set(
    columns.filter((column) => isNumber(typeOf(column))).flatMap(({ index }) => file.evidence[index]?.decimal ?? []),
  )
  const [first, second] = [...marks].filter((mark) => mark === '.' || mark === ',')
  if (first !== undefined && second === undefined) return first
  if (known !== undefined) return '.'
  return file.delimiter === ';' ? ',' : undefined
}

function amountsOf(
  evidence: ColumnEvidence,
  { choices, isOwn, known }: Pick<Formatting, 'choices' | 'isOwn' | 'known'>,
): 'major' | 'minor' | undefined {
  if (choices.amounts !== undefined) return choices.amounts
  if (isOwn) return 'minor'
  if (known !== undefined) return known.hasMinorAmounts === true ? 'minor' : 'major'
  return evidence.hasMajorAmounts ? 'major' : undefined
}
