// `import.stage`, `import.start` and `import.discard`: bring the rows of a file into the tenant's object, piece by piece, and start the job that
// imports them. The front door reads the file and makes the plan; what the job does is decided here, by the authority of the caller.

import { FirstWrite } from '@dotdo/do'
import { compileAuthority, isPlainObject, type JsonValue, type NounSchema, ObjectError } from 'digital-objects'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { findNoun } from '../entities/find-noun.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { tenantOf } from '../writes/commit-call.ts'
import { forbidden } from '../writes/forbidden.ts'
import { parseBody } from '../writes/parse-body.ts'
import type { Write, WriteAsked, WriteParts } from '../writes/write.ts'
import { startBulkJob } from './bulk-request.ts'
import { gzip } from './gzip.ts'
import { keptIdsAbout } from './import-ids.ts'
import { formatImportPosition, importKind } from './import-job.ts'

const rowsPerPieceMax = 20_000
const piecesMax = 100_000

export const stageImport: Write = {
  kind: 'write',
  name: 'import.stage',
  about: 'Keep the next rows of a file that will be imported',
  routes: [],
  parameters: {},
  responses: () => ({ 200: jsonResponse('The file', ref('StartedJob')) }),

  async perform(parts, asked) {
    const { store } = parts
    const { source, piece, rows } = parsePiece(asked.call.body)
    requireWriter(parts, asked)
    const data = await gzip(JSON.stringify(rows))
    const actor = asked.caller.authority.who
    let id = source
    await store.commit(
      () => {
        requireWriter(parts, asked)
        if (store.requests.isRehearsal) throw new FirstWrite()
        const { imports, realMs } = store.requests
        id ??= imports.addSource({ actor, realMs })
        const found = requireOpen(parts, asked, id)
        if (piece > found.pieces) throw invalid('piece', `expects the number ${found.pieces}, got ${piece}`)
        imports.addPiece(id, { n: piece, rows: rows.length, data })
        store.requests.changed()
        return null
      },
      { tenant: tenantOf(asked) },
    )
    return { body: JSON.stringify({ source: id }), isUnchanged: true }
  },
}

export const startImport: Write = {
  kind: 'write',
  name: 'import.start',
  about: 'Start the job that imports the rows of a file',
  routes: [],
  parameters: {},
  responses: () => ({ 202: jsonResponse('The job', ref('StartedJob')) }),

  async perform(parts, asked) {
    const { call } = asked
    const { source, header, plan } = parseStart(call.body)
    const noun = requireWriter(parts, asked)
    if (isPlainObject(plan) && plan['ids'] === 'keep') requireFullAuthority(asked.caller, keptIdsAbout)
    // It is refused here, and not by its job.
    parts.importer?.converter(plan, noun)
    if (!parts.store.isReady) throw unknownSource(source)
    const { imports } = parts.store.requests
    const total = imports.find(source)?.rows ?? 0
    return startBulkJob(parts, asked, {
      kind: importKind,
      total,
      position: () => {
        requireOpen(parts, asked, source)
        return formatImportPosition({ phase: 'rows', piece: 0, row: 0, created: 0, updated: 0 })
      },
      started: (job) => imports.start(source, { job, header: JSON.stringify(header) }),
    })
  },
}

export const discardImport: Write = {
  kind: 'write',
  name: 'import.discard',
  about: 'Forget the rows of a file that will not be imported',
  routes: [],
  parameters: {},
  responses: () => ({ 200: jsonResponse('The file', ref('StartedJob')) }),

  async perform(parts, asked) {
    const { store } = parts
    const { source } = parseBody(asked.call.body)
    if (typeof source !== 'string') throw invalid('source', 'expects the id of a file')
    if (!store.isReady) throw unknownSource(source)
    await store.commit(
      () => {
        requireOpen(parts, asked, source)
        store.requests.imports.discard(source)
        return null
      },
      { tenant: tenantOf(asked) },
    )
    return { body: JSON.stringify({ source }), isUnchanged: true }
  },
}

/** Returns the Noun as the caller sees it. Throws an ObjectError unless the caller may write entities of it, some of which a row may be. */
export function requireWriter({ store }: WriteParts, { call, caller }: WriteAsked): NounSchema {
  const { visibility, permission } = compileAuthority(caller.authority, store.catalog.current.lookup)
  const noun = findNoun(visibility.lookup, { noun: call.noun })
  const { name } = noun
  if (!permission.mayCall(name, 'create') && !permission.mayCall(name, 'update'))
    throw forbidden(`this caller may not call ${name}.create`)
  return noun
}

/** Throws an ObjectError unless the caller has staged the file, and nobody imports it. */
function requireOpen({ store }: WriteParts, { caller }: WriteAsked, id: string) {
  const found = store.requests.imports.find(id)
  if (found === undefined || found.actor !== caller.authority.who) throw unknownSource(id)
  if (found.job === null) return found
  throw new ObjectError({
    code: 'conflict',
    field: 'source',
    message: `the file is imported by ${found.job} already: send it again to import it again`,
    detail: { job: found.job },
  })
}

function parsePiece(text: string): {
  readonly source: string | undefined
  readonly piece: number
  readonly rows: readonly JsonValue[]
} {
  const { source, piece, rows } = parseBody(text)
  if (source !== undefined && typeof source !== 'string') throw invalid('source', 'expects the id of a file')
  if (typeof piece !== 'number' || !Number.isSafeInteger(piece) || piece < 0 || piece > piecesMax)
    throw invalid('piece', `expects a number from 0 to ${piecesMax}`)
  if (!Array.isArray(rows) || rows.length > rowsPerPieceMax)
    throw invalid('rows', `expects a list of at most ${rowsPerPieceMax} rows`)
  return { source, piece, rows }
}

function parseStart(text: string): {
  readonly source: string
  readonly header: readonly JsonValue[]
  readonly plan: JsonValue
} {
  const { source, header, plan } = parseBody(text)
  if (typeof source !== 'string') throw invalid('source', 'expects the id of a file')
  if (!Array.isArray(header)) throw invalid('header', 'expects the names of the columns')
  if (!isPlainObject(plan)) throw invalid('plan', 'expects the plan of the import')
  return { source, header, plan }
}

function unknownSource(id: string): ObjectError {
  const message = `there is no file '${id.slice(0, 64)}': one that nobody imports is kept for a day`
  return new ObjectError({ code: 'not_found', field: 'source', message })
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field, message: `import: '${field}' ${message}` })
}
