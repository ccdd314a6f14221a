// The dry run of an import: it shows the plan, and the rows that would be refused. The first rows are written by the tenant and rolled
// back, so that what it refuses is known; those after them are checked by the rules of their fields.

import { ask, importStepRows, type ServiceAnswer } from '@dotdo/service'
import { isPlainObject, type JsonValue, type NounSchema, validateCreate, validateUpdate } from 'digital-objects'
import { type ConvertRow, rowConverter } from './convert-row.ts'
import { FileEvidence } from './file-evidence.ts'
import type { FileImport, FileRequest } from './file-import.ts'
import type { ImportPlan } from './import-plan.ts'
import { makePlan } from './make-plan.ts'
import type { BrokenRow, ParsedRow } from './rows.ts'
import { shownPlan } from './shown-plan.ts'
import { toStaged } from './staged-row.ts'

/** Limit what a dry run keeps in memory, and so the rows that it checks. */
const checkedRowsMax = 20_000
const checkedCharactersMax = 16 * 2 ** 20
/** Limits the rows that are sent to the tenant. */
const triedCharactersMax = 700_000
const sampleRows = 5
const shownRefusals = 100

type Row = ParsedRow | BrokenRow

interface RefusedLine {
  readonly line: number
  readonly reason: string
}

export async function showPlan(request: FileRequest, { file, noun, choices }: FileImport): Promise<ServiceAnswer> {
  const evidence = new FileEvidence(file)
  const kept: Row[] = []
  let characters = 0
  for await (const row of evidence.read()) {
    if (kept.length === checkedRowsMax || characters > checkedCharactersMax) continue
    kept.push(row)
    characters += JSON.stringify(toStaged(row)).length
  }
  const { plan, problems, questions } = makePlan(noun, evidence.planned, choices)
  const open = [...problems.questions, ...questions]
  const convert = rowConverter(plan, noun)
  const sample = sampleOf(kept, convert)
  // A plan with questions starts no import.
  const tried = open.length > 0 ? noneTried : await tryRows(request, { noun, plan, rows: kept, total: evidence.rows })
  const checked = kept.slice(tried.rows).flatMap((row) => {
    const reason = faultOf(row, { plan, noun, convert })
    return reason === undefined ? [] : [{ line: row.line, reason }]
  })
  const refused = [...tried.refused, ...checked]
  const counts = {
    rows: evidence.rows,
    checked: kept.length,
    tried: tried.rows,
    created: tried.created,
    updated: tried.updated,
    refused: refused.length,
  }
  return {
    ok: true,
    body: JSON.stringify({
      dryRun: true,
      ...shownPlan(file, plan, evidence),
      questions: open,
      counts,
      sample,
      refused: refused.slice(0, shownRefusals),
    }),
  }
}

interface Tried {
  readonly rows: number
  readonly created: number
  readonly updated: number
  readonly refused: readonly RefusedLine[]
}

const noneTried: Tried = { rows: 0, created: 0, updated: 0, refused: [] }

/** Lets the tenant write the first rows and roll them back. Throws an ObjectError if the caller may not import. */
async function tryRows(
  request: FileRequest,
  given: {
    readonly noun: NounSchema
    readonly plan: ImportPlan
    readonly rows: readonly Row[]
    /** The rows of the file. */
    readonly total: number
  },
): Promise<Tried> {
  const { noun, plan, total } = given
  const rows: JsonValue[] = []
  let characters = 0
  for (const row of given.rows.slice(0, importStepRows)) {
    const staged = toStaged(row)
    characters += JSON.stringify(staged).length
    if (rows.length > 0 && characters > triedCharactersMax) break
    rows.push(staged)
  }
  const sent = JSON.stringify({ rows, plan, isWhole: rows.length === total })
  const { body } = await ask(request, { kind: 'write', verb: 'import.try', noun: noun.name, body: sent })
  const { tried, created, updated, refused } = isPlainObject(body) ? body : {}
  const listed = Array.isArray(refused) ? refused.filter(isPlainObject) : []
  return {
    rows: Number(tried),
    created: Number(created),
    updated: Number(updated),
    refused: listed.map(({ line, reason }) => ({ line: Number(line), reason: bare(String(reason)) })),
  }
}

/** Without the place that the line has before it. */
function bare(reason: string): string {
  return reason.replace(/^line \d+: /, '').replace(/^[A-Z]\w*\.\w+: /, '')
}

/** The first rows as entities, with the texts of their references. */
function sampleOf(rows: readonly Row[], convert: ConvertRow): readonly JsonValue[] {
  const sample: JsonValue[] = []
  for (const row of rows) {
    if (sample.length === sampleRows) break
    const converted = 'fault' in row ? row : convert(row)
    if ('fault' in converted) continue
    const { body, references, line, name, at } = converted
    const named = Object.fromEntries(references.map(({ field, texts }) => [field, texts.join('; ')]))
    sample.push({
      line,
      ...(name === undefined ? {} : { $id: name }),
      ...(at === undefined ? {} : { at }),
      fields: { ...body, ...named },
    })
  }
  return sample
}

/** Returns what the rules of its fields refuse. */
function faultOf(
  row: Row,
  { plan, noun, convert }: { readonly plan: ImportPlan; readonly noun: NounSchema; readonly convert: ConvertRow },
): string | undefined {
  if ('fault' in row) return row.fault
  const converted = convert(row)
  if ('fault' in converted) return converted.fault
  const { body, references } = converted
  const isFound = new Set(references.map(({ field }) => field))
  const checked = plan.match === null ? validateCreate(noun, body) : validateUpdate(noun, body)
  if (checked.ok) return undefined
  const faults = checked.faults.filter(({ field }) => !isFound.has(field))
  return faults.length === 0 ? undefined : faults.map(({ field, message }) => `field '${field}' ${message}`).join('; ')
}
