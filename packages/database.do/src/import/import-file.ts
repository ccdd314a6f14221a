// `POST /~acme/import/Contact`: reads a file while it arrives, makes the plan of its import, and either shows it or starts the job.

import { ask, type ServiceAnswer, type ServiceRequest } from '@dotdo/service'
import {
  type CatalogEntry,
  isPlainObject,
  type JsonValue,
  makeCatalog,
  nouns,
  type NounDefinition,
  type NounSchema,
  ObjectError,
  serviceNouns,
  validateCreate,
  validateUpdate,
} from 'digital-objects'
import { ColumnEvidence } from './column-evidence.ts'
import { rowConverter } from './convert-row.ts'
import { formatOf, isHeldWhole, type OpenedFile, openFile } from './file-rows.ts'
import type { ImportPlan, ImportQuestion } from './import-plan.ts'
import { refuseFile, refuseOption } from './import-refused.ts'
import { choiceParameters, type ImportChoices, parseChoices } from './import-choices.ts'
import { makePlan } from './make-plan.ts'
import type { BrokenRow, ParsedRow } from './rows.ts'
import { lineColumn, reasonColumn } from './refused-rows.ts'
import { toStaged } from './staged-row.ts'
import type { WholeFiles } from './whole-file.ts'

/** Limit the rows of one message to the tenant. */
const pieceCharacters = 700_000
const pieceRowsMax = 10_000
/** Rows that are read before other requests have their turn: a small file may unpack to many. */
const rowsBetweenRests = 1_000
/** Limit what a dry run keeps in memory, and so the rows that it checks. */
const checkedRowsMax = 20_000
const checkedCharactersMax = 16 * 2 ** 20
/** Rows that a dry run shows. */
const sampleRows = 5
const shownRefusals = 100

const ownParameters: readonly string[] = [
  'noun',
  'dryRun',
  'format',
  'file',
  'encoding',
  'delimiter',
  'sheet',
  ...choiceParameters,
]

/** The parts of a request that an import reads. */
export type FileRequest = Pick<ServiceRequest, 'tenant' | 'parameters' | 'header' | 'bytes' | 'answerMessage'> &
  Partial<Pick<ServiceRequest, 'idempotencyKey' | 'at'>>

export async function importFile(request: FileRequest, wholeFiles: WholeFiles): Promise<ServiceAnswer> {
  const { parameters } = request
  const stray = Object.keys(parameters).find((name) => !ownParameters.includes(name))
  if (stray !== undefined)
    throw refuseOption(
      stray.slice(0, 64),
      `is no parameter of an import; expected ${ownParameters.slice(1).join(', ')}`,
    )
  if (request.idempotencyKey !== undefined)
    throw refuseOption('Idempotency-Key', 'is not supported by imports: match makes a repeated one change nothing')
  const isDryRun = readFlag(parameters['dryRun'], 'dryRun')
  const choices = withTime(parseChoices(parameters), request.at)
  const noun = await askNoun(request, parameters['noun'] ?? '')
  const format = formatOf({
    format: parameters['format'],
    fileName: parameters['file'],
    mediaType: request.header('content-type'),
  })
  const release = isHeldWhole(format) ? wholeFiles.take(request.tenant) : undefined
  try {
    const file = await openFile(request.bytes(), { format, ...given(parameters, ['encoding', 'delimiter', 'sheet']) })
    return await (isDryRun ? showPlan({ file, noun, choices }) : startImport(request, { file, noun, choices }))
  } finally {
    release?.()
  }
}

function given<Name extends string>(
  parameters: Readonly<Record<string, string>>,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {}
  for (const name of names) {
    const value = parameters[name]
    if (value !== undefined) found[name] = value
  }
  return found
}

interface Import {
  readonly file: OpenedFile
  readonly noun: NounSchema
  readonly choices: ImportChoices
}

/** Sends the rows to the tenant, which keeps them until their job has imported them. */
async function startImport(request: FileRequest, given: Import): Promise<ServiceAnswer> {
  const staged: Staged = {}
  try {
    return await stageAndStart(request, given, staged)
  } catch (error) {
    const { source } = staged
    // Files that wait have a limit. A job that was started keeps its file.
    if (source !== undefined)
      await ask(request, {
        kind: 'write',
        verb: 'import.discard',
        noun: given.noun.name,
        body: JSON.stringify({ source }),
      }).catch(() => undefined)
    throw error
  }
}

/** The rows that the tenant has. */
interface Staged {
  source?: string
}

async function stageAndStart(
  request: FileRequest,
  { file, noun, choices }: Import,
  staged: Staged,
): Promise<ServiceAnswer> {
  const evidence = new FileEvidence(file)
  // A mapping that cannot be guessed is refused before a large file is sent, as far as the header is known by then.
  if (file.header.length > 0) makePlan(noun, planned(file, evidence.columns), choices)
  let piece = 0
  let rows: JsonValue[] = []
  let characters = 0
  const send = async (): Promise<void> => {
    const body = JSON.stringify({ ...staged, piece, rows })
    const answer = await ask(request, { kind: 'write', verb: 'import.stage', noun: noun.name, body })
    if (isPlainObject(answer.body) && typeof answer.body['source'] === 'string') staged.source = answer.body['source']
    piece++
    rows = []
    characters = 0
  }
  for await (const row of file.rows) {
    evidence.add(row)
    if (evidence.rows % rowsBetweenRests === 0) await rest()
    const line = toStaged(row)
    const { length } = JSON.stringify(line)
    if (rows.length > 0 && (characters + length > pieceCharacters || rows.length === pieceRowsMax)) await send()
    rows.push(line)
    characters += length
  }
  if (evidence.rows === 0) throw refuseFile('the file has a header, but no rows')
  const { plan, questions } = makePlan(noun, planned(file, evidence.columns), choices)
  if (questions.length > 0) throw unanswered(questions)
  if (rows.length > 0) await send()
  const body = JSON.stringify({ ...staged, header: ownColumns(file.header, plan), plan })
  const started = await ask(request, { kind: 'write', verb: 'import.start', noun: noun.name, body })
  const job = isPlainObject(started.body) ? (started.body['job'] ?? null) : null
  return {
    ok: true,
    body: JSON.stringify({ job, ...shown(file, plan) }),
    isUnfinished: true,
    ...(started.bookmark === undefined ? {} : { bookmark: started.bookmark }),
  }
}

/** The columns that refused rows will have, without line and reason of an earlier import that refused them. */
function ownColumns(header: readonly string[], plan: ImportPlan): readonly string[] {
  const isLeftOut = [lineColumn, reasonColumn].every((name, at) =>
    plan.columns.some(
      ({ index, header: own, to }) => index === header.length - 2 + at && own === name && to === 'ignored',
    ),
  )
  return isLeftOut ? header.slice(0, -2) : header
}

/** Checks the rows by the rules of their fields. What depends on other entities is decided when they are imported. */
async function showPlan({ file, noun, choices }: Import): Promise<ServiceAnswer> {
  const evidence = new FileEvidence(file)
  const kept: (ParsedRow | BrokenRow)[] = []
  let characters = 0
  for await (const row of file.rows) {
    evidence.add(row)
    if (evidence.rows % rowsBetweenRests === 0) await rest()
    if (kept.length === checkedRowsMax || characters > checkedCharactersMax) continue
    kept.push(row)
    characters += JSON.stringify(toStaged(row)).length
  }
  const { plan, questions } = makePlan(noun, planned(file, evidence.columns), choices)
  const convert = rowConverter(plan, noun)
  const sample: JsonValue[] = []
  const refused: { readonly line: number; readonly reason: string }[] = []
  let refusedCount = 0
  for (const row of kept) {
    const reason = faultOf(row)
    if (reason === undefined) continue
    refusedCount++
    if (refused.length < shownRefusals) refused.push({ line: row.line, reason })
  }
  function faultOf(row: ParsedRow | BrokenRow): string | undefined {
    if ('fault' in row) return row.fault
    const converted = convert(row)
    if ('fault' in converted) return converted.fault
    const { body, references, line, name, at } = converted
    const named = Object.fromEntries(references.map(({ field, texts }) => [field, texts.join('; ')]))
    if (sample.length < sampleRows)
      sample.push({
        line,
        ...(name === undefined ? {} : { $id: name }),
        ...(at === undefined ? {} : { at }),
        fields: { ...body, ...named },
      })
    const isFound = new Set(references.map(({ field }) => field))
    const checked = plan.match === null ? validateCreate(noun, body) : validateUpdate(noun, body)
    if (checked.ok) return undefined
    const faults = checked.faults.filter(({ field }) => !isFound.has(field))
    return faults.length === 0
      ? undefined
      : faults.map(({ field, message }) => `field '${field}' ${message}`).join('; ')
  }
  const counts = { rows: evidence.rows, checked: kept.length, refused: refusedCount }
  return {
    ok: true,
    body: JSON.stringify({ dryRun: true, ...shown(file, plan, evidence), questions, counts, sample, refused }),
  }
}

function planned(file: OpenedFile, evidence: readonly ColumnEvidence[]) {
  const { delimiter } = file
  return {
    header: file.header,
    evidence,
    isText: file.format === 'csv' || file.format === 'xlsx',
    convertsNumbers: isHeldWhole(file.format),
    ...(delimiter === undefined ? {} : { delimiter }),
  }
}

function shown(file: OpenedFile, plan: ImportPlan, evidence?: FileEvidence): object {
  const { format, encoding, isEncodingSure, delimiter, sheet } = file
  const examples = (index: number): object =>
    evidence === undefined ? {} : { examples: evidence.columns[index]?.examples ?? [] }
  return {
    file: {
      format,
      ...(encoding === undefined ? {} : { encoding, isEncodingSure }),
      ...(delimiter === undefined ? {} : { delimiter }),
      ...(sheet === undefined ? {} : { sheet }),
    },
    plan: { ...plan, columns: plan.columns.map((column) => ({ ...column, ...examples(column.index) })) },
  }
}

class FileEvidence {
  readonly columns: ColumnEvidence[] = []
  rows = 0

  constructor({ header }: OpenedFile) {
    for (const _ of header) this.columns.push(new ColumnEvidence())
  }

  add(row: ParsedRow | BrokenRow): void {
    this.rows++
    if ('fault' in row) return
    for (const [at, cell] of row.cells.entries()) {
      let column = this.columns[at]
      if (column === undefined) this.columns[at] = column = new ColumnEvidence()
      column.add(cell)
    }
  }
}

/** The request's own time is that of all rows, unless a column has it. */
function withTime(choices: ImportChoices, at: string | undefined): ImportChoices {
  return at === undefined || choices.at !== undefined ? choices : { ...choices, at }
}

function readFlag(text = 'false', name: string): boolean {
  if (text === 'true' || text === '') return true
  if (text === 'false') return false
  throw refuseOption(name, `expects true or false, got '${text.slice(0, 40)}'`)
}

function unanswered(questions: readonly ImportQuestion[]): ObjectError {
  const faults = questions.map(({ option, message }) => ({ field: option, message }))
  const message = `the file leaves open: ${questions.map((one) => one.message).join('; ')}`
  return new ObjectError({ code: 'validation_error', field: questions[0]?.option ?? 'file', message, faults })
}

const builtIn = Object.values({ ...nouns, ...serviceNouns }).map((noun) => noun.$schema)

/** The Noun as the tenant has it, with its own fields. Throws an ObjectError. */
async function askNoun(request: FileRequest, name: string): Promise<NounSchema> {
  const { body } = await ask(request, { kind: 'read', read: 'schemas', parameters: { defined: 'true' } })
  const entries = isPlainObject(body)
    ? Object.entries(body).flatMap(([one, schema]) =>
        isPlainObject(schema) ? [toEntry(one, schema as Readonly<Record<string, JsonValue>>)] : [],
      )
    : []
  const found = makeCatalog(builtIn, entries).lookup(name)
  if (found?.verbs['create'] !== undefined) return found
  const message =
    found === undefined ? `there is no entity type '${name.slice(0, 64)}'` : `${name} entities cannot be created`
  throw new ObjectError({ code: 'not_found', field: 'noun', message })
}

/** The tenant's object wrote the answer, so its form needs no check. */
function toEntry(name: string, { definition, service }: Readonly<Record<string, JsonValue>>): CatalogEntry {
  const given = definition as unknown as NounDefinition
  return { name, definition: { ...given, ...(typeof service === 'string' ? { service } : {}) } }
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
