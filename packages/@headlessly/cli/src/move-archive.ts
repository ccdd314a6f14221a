// Moves the entities of an archive into a tenant that has data, by imports of one type after another. Each import is a job, which is
// taken back by its undo.

import { mkdtempSync, openAsBlob, readFileSync, rmSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client, ServerJob } from '@headlessly/sdk'
import type { NounSchema } from 'digital-objects'
import { type ArchiveContent, unpackArchive } from './archive-content.ts'
import type { CommandCall } from './command.ts'
import { EntityTypes, typesOf } from './entity-types.ts'
import { type MoveStep, orderMoves, referencesOf } from './move-order.ts'
import { type Place, placeRows, type Row, rowsIn } from './move-places.ts'

export interface MovedType {
  readonly type: string
  readonly new: number
  /** Entities whose id another one has here, and that got a new id. */
  readonly mapped: number
  /** Entities that an earlier move has brought, which were updated. */
  readonly moved: number
  /** Entities whose unique value another one has here, which stays as it is. */
  readonly here: number
  readonly refused: number
}

export interface Move {
  readonly types: readonly MovedType[]
  /** The jobs of the imports, in order. */
  readonly jobs: readonly string[]
  /** References to entities that are not in the archive, which were left out. */
  readonly lostReferences: number
}

interface Moving {
  readonly call: CommandCall
  readonly client: Client
  readonly folder: string
  readonly content: ArchiveContent
  /** The types of the tenant before the move. */
  readonly here: EntityTypes
  readonly places: ReadonlyMap<string, Place>
  /** New names of the bytes of files. */
  readonly files: Map<string, { readonly file: string; readonly url: string }>
  readonly jobs: string[]
  lostReferences: number
}

/** With `isDryRun`, looks up all ids and changes nothing. Throws a UsageError. */
export async function moveArchive(
  call: CommandCall,
  file: string,
  { isDryRun }: { readonly isDryRun: boolean },
): Promise<Move> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-move-'))
  try {
    const content = await unpackArchive(file, folder)
    const client = call.client()
    // Without an answer of the server, a type that is here would count as missing.
    const here = await typesOf(client, call.signal)
    const missing = content.definitions.filter(({ name }) => here.find(name) === undefined)
    const types = new EntityTypes([...withAdditions(here, content), ...missing])
    const known = [...content.counts.keys()].flatMap((name) => types.find(name) ?? [])
    const places = new Map<string, Place>()
    for (const noun of known) {
      call.output.progress(`looking up ${noun.name}`)
      const isNewType = here.find(noun.name) === undefined
      await placeRows(client, { noun, file: rowsOf(folder, noun.name), isNewType, signal: call.signal }, places)
    }
    const moving: Moving = {
      call,
      client,
      folder,
      content,
      here,
      places,
      files: new Map(),
      jobs: [],
      lostReferences: 0,
    }
    if (!isDryRun) await define(moving, missing)
    const refused = isDryRun ? new Map<string, number>() : await importAll(moving, orderMoves(known))
    const summary = [...content.counts.keys()].map((type) => summarize(type, { moving, refused }))
    return { types: await Promise.all(summary), jobs: moving.jobs, lostReferences: moving.lostReferences }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function rowsOf(folder: string, noun: string): string {
  return join(folder, `${noun}.ndjson`)
}

/** The tenant's definitions with what the archive adds to built-in types. */
function withAdditions(types: EntityTypes, { definitions }: ArchiveContent): EntityTypes['defined'] {
  const added = definitions.filter(({ name }) => types.isBuiltIn(name))
  const names = new Set(added.map(({ name }) => name))
  const merged = added.map(({ name, definition }) => {
    const own = types.defined.find((entry) => entry.name === name)?.definition
    return { name, definition: { ...own, fields: { ...definition.fields, ...own?.fields } } }
  })
  return [...types.defined.filter(({ name }) => !names.has(name)), ...merged]
}

/** Types that the tenant has keep their definition. What the archive adds to built-in ones is added. */
async function define({ call, client, content, here }: Moving, missing: ArchiveContent['definitions']): Promise<void> {
  const { signal } = call
  for (const { name, definition } of content.definitions) {
    if (!here.isBuiltIn(name)) continue
    const has = here.parse(name).fields
    const fields = Object.entries(definition.fields).filter(([field]) => !Object.hasOwn(has, field))
    if (fields.length > 0) await client.schema.patch(name, { fields: Object.fromEntries(fields) }, { signal })
  }
  for (const { name, definition } of definitionStages(missing)) await client.schema.put(name, definition, { signal })
}

/** Types that refer to each other are defined in stages: alone, then with their references, and then whole. */
function definitionStages(missing: ArchiveContent['definitions']): ArchiveContent['definitions'] {
  const others = missing.map(({ name }) => name)
  const stage = (isThere: (text: string) => boolean): ArchiveContent['definitions'] =>
    missing.map(({ name, definition }) => {
      const fields = Object.entries(definition.fields).filter(([, field]) => {
        const text = JSON.stringify(field)
        return isThere(text) || !others.some((other) => other !== name && new RegExp(`\\b${other}\\b`).test(text))
      })
      return { name, definition: { ...definition, fields: Object.fromEntries(fields) } }
    })
  const stages = [stage(() => false), stage((text) => !text.includes('<-')), missing]
  return stages.flatMap((all, at) =>
    all.filter((one, place) => JSON.stringify(one) !== JSON.stringify(stages[at - 1]?.[place])),
  )
}

/** Returns the refused rows by type. */
async function importAll(moving: Moving, steps: readonly MoveStep[]): Promise<ReadonlyMap<string, number>> {
  const refused = new Map<string, number>()
  const run = async (noun: NounSchema, part: 'rows' | 'links', later: readonly string[]): Promise<void> => {
    const job = await importPart(moving, noun, { part, later })
    if (job === undefined) return
    moving.jobs.push(job.id)
    refused.set(noun.name, (refused.get(noun.name) ?? 0) + job.refused)
  }
  for (const { noun, later } of steps) await run(noun, 'rows', later)
  for (const { noun, later } of steps) if (later.length > 0) await run(noun, 'links', later)
  return refused
}

interface Part {
  /** `links` are the references that `later` names, with required fields, and `rows` everything else. */
  readonly part: 'rows' | 'links'
  readonly later: readonly string[]
}

async function importPart(moving: Moving, noun: NounSchema, { part, later }: Part): Promise<ServerJob | undefined> {
  const { call, client, folder, places } = moving
  const { output, signal } = call
  const file = join(folder, `${noun.name}.${part}.ndjson`)
  const temporary: string[] = []
  let rows = 0
  for await (const row of rowsIn(rowsOf(folder, noun.name))) {
    const place = places.get(String(row['$id']))
    if (place === undefined || place.kind === 'here') continue
    const isThere = place.kind === 'moved' || part === 'links'
    const own =
      noun.name === 'Asset' ? await assetRow(moving, row, { id: isThere ? place.id : undefined, temporary }) : row
    const moved = movedRow(moving, noun, { row: own, id: place.id, part, later })
    if (part === 'links' && !later.some((name) => Object.hasOwn(moved, name))) continue
    await appendFile(file, `${JSON.stringify(moved)}\n`)
    rows++
  }
  if (rows === 0) return undefined
  const columns: Readonly<Record<string, string>> = part === 'rows' ? { $createdAt: '$at' } : {}
  const job = await client.imports.run(noun.name, await openAsBlob(file), {
    file: `${noun.name}.ndjson`,
    ids: 'keep',
    unmapped: 'ignore',
    columns,
    signal,
    onProgress: ({ done, total }) => output.progress(`${noun.name}: ${done} of ${total}`),
  })
  if (job.refused > 0)
    for await (const { line, reason } of client.imports.refused(job.id, { signal })) {
      output.note(`${noun.name} ${line}: ${reason}`)
      if (line > refusedPrintedMax) break
    }
  for (const id of temporary) await client.Asset.delete(id, { signal })
  return job
}

const refusedPrintedMax = 1_000

/** The row with its new id and those of its references. Fields that the type does not store are left out. */
function movedRow(
  moving: Moving,
  noun: NounSchema,
  { row, id, part, later }: Part & { readonly row: Row; readonly id: string },
): Row {
  const moved: Record<string, unknown> = { $id: id, ...(part === 'rows' ? { $createdAt: row['$createdAt'] } : {}) }
  const references = new Set(referencesOf(noun).map(({ name }) => name))
  for (const field of Object.values(noun.fields)) {
    const { name } = field
    const value = row[name]
    if (field.kind === 'reverse' || value === undefined || value === null) continue
    const { required } = field
    if (part === 'links' ? !later.includes(name) && !required : later.includes(name)) continue
    if (!references.has(name)) moved[name] = value
    else if (Array.isArray(value)) moved[name] = value.flatMap((one: unknown) => placeOf(moving, one) ?? [])
    else moved[name] = placeOf(moving, value)
  }
  return moved
}

function placeOf(moving: Moving, id: unknown): string | undefined {
  const place = moving.places.get(String(id))
  if (place === undefined) moving.lostReferences++
  return place?.id
}

/** An asset that is there has its bytes. Those of another are sent, and named as the asset of their upload does, which is temporary. */
async function assetRow(
  { client, call, content, folder, files }: Moving,
  row: Row,
  { id, temporary }: { readonly id: string | undefined; readonly temporary: string[] },
): Promise<Row> {
  const { file, hash: _computed, ...fields } = row
  const { signal } = call
  if (id !== undefined) return { ...fields, url: (await client.Asset.get(id, { strong: true, signal }))?.url }
  const old = String(file)
  if (file === undefined || !content.files.has(old)) return fields
  let sent = files.get(old)
  if (sent === undefined) {
    const filename = String(row['filename'] ?? 'file')
    const bytes = new Uint8Array(readFileSync(join(folder, old)))
    const asset = await client.files.upload(bytes, { filename, signal })
    temporary.push(asset.$id)
    sent = { file: asset.file, url: asset.url }
    files.set(old, sent)
  }
  return { ...fields, ...sent }
}

async function summarize(
  type: string,
  { moving, refused }: { readonly moving: Moving; readonly refused: ReadonlyMap<string, number> },
): Promise<MovedType> {
  const counts = { new: 0, mapped: 0, moved: 0, here: 0 }
  let unknown = 0
  for await (const row of rowsIn(rowsOf(moving.folder, type))) {
    const place = moving.places.get(String(row['$id']))
    if (place === undefined) unknown++
    else counts[place.kind]++
  }
  return { type, ...counts, refused: (refused.get(type) ?? 0) + unknown }
}
