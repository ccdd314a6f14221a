// `POST /~acme/import/Contact`: reads a file while it arrives, makes the plan of its import, and either shows it or starts the job.

import { ask, type ServiceAnswer } from '@dotdo/service'
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
} from 'digital-objects'
import type { FileImport, FileRequest } from './file-import.ts'
import { FileEvidence } from './file-evidence.ts'
import { formatOf, isHeldWhole, openFile } from './file-rows.ts'
import type { ImportPlan } from './import-plan.ts'
import { refuseFile, refuseOption } from './import-refused.ts'
import { choiceParameters, type ImportChoices, parseChoices } from './import-choices.ts'
import { makePlan } from './make-plan.ts'
import { lineColumn, reasonColumn } from './refused-rows.ts'
import { showPlan } from './show-plan.ts'
import { shownPlan } from './shown-plan.ts'
import { toStaged } from './staged-row.ts'
import type { WholeFiles } from './whole-file.ts'

/** Limit the rows of one message to the tenant. */
const pieceCharacters = 700_000
const pieceRowsMax = 10_000

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
    return await (isDryRun ? showPlan(request, { file, noun, choices }) : startImport(request, { file, noun, choices }))
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

/** Sends the rows to the tenant, which keeps them until their job has imported them. */
async function startImport(request: FileRequest, given: FileImport): Promise<ServiceAnswer> {
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
  { file, noun, choices }: FileImport,
  staged: Staged,
): Promise<ServiceAnswer> {
  const evidence = new FileEvidence(file)
  // A mapping that cannot be guessed is refused before a large file is sent, as far as the header is known by then.
  if (file.header.length > 0) {
    const { problems, questions } = makePlan(noun, evidence.planned, choices)
    problems.refuse(questions)
  }
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
  for await (const row of evidence.read()) {
    const line = toStaged(row)
    const { length } = JSON.stringify(line)
    if (rows.length > 0 && (characters + length > pieceCharacters || rows.length === pieceRowsMax)) await send()
    rows.push(line)
    characters += length
  }
  if (evidence.rows === 0) throw refuseFile('the file has a header, but no rows')
  const { plan, problems, questions } = makePlan(noun, evidence.planned, choices)
  problems.refuse(questions)
  if (rows.length > 0) await send()
  const body = JSON.stringify({ ...staged, header: ownColumns(file.header, plan), plan })
  const started = await ask(request, { kind: 'write', verb: 'import.start', noun: noun.name, body })
  const job = isPlainObject(started.body) ? (started.body['job'] ?? null) : null
  return {
    ok: true,
    body: JSON.stringify({ job, ...shownPlan(file, plan) }),
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

/** The request's own time is that of all rows, unless a column has it. */
function withTime(choices: ImportChoices, at: string | undefined): ImportChoices {
  return at === undefined || choices.at !== undefined ? choices : { ...choices, at }
}

function readFlag(text = 'false', name: string): boolean {
  if (text === 'true' || text === '') return true
  if (text === 'false') return false
  throw refuseOption(name, `expects true or false, got '${text.slice(0, 40)}'`)
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
