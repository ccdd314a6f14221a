// The content of an archive as files of a folder: the last state of each entity that still exists, by type, and the bytes of files. The
// log is read twice, so that memory holds the ids of entities only.

import { appendFileSync, createReadStream } from 'node:fs'
import { join } from 'node:path'
import { isPlainObject, type NounDefinition, tryParseJson } from 'digital-objects'
import { createTarDecoder } from 'modern-tar'
import { UsageError } from './usage-error.ts'

export interface ArchiveContent {
  /** The numbers of entities by type; those of a type are lines of `<type>.ndjson`. */
  readonly counts: ReadonlyMap<string, number>
  /** The tenant's own types, and its additions to built-in ones. */
  readonly definitions: readonly { readonly name: string; readonly definition: NounDefinition }[]
  /** Ids of files, whose bytes have that name. */
  readonly files: ReadonlySet<string>
}

/** Types of the system, of which each tenant has its own, and of keys, whose secrets are in no archive. */
const leftOut: readonly string[] = ['Settings', 'Rules', 'ApiKey', 'Webhook', 'IncomingWebhook']
/** An archive's members have about a million characters, and one event more. */
const memberBytesMax = 16 * 2 ** 20

interface Event {
  readonly noun: string
  readonly isDeletion: boolean
  readonly target: string
  readonly seq: number
  readonly data: string
  /** The time at which the entity was created, if its writer named an earlier one than that of the event. */
  readonly createdAt?: string
}

/** Throws a UsageError for a file that is no archive of a tenant. */
export async function unpackArchive(file: string, folder: string): Promise<ArchiveContent> {
  const last = new Map<string, number>()
  const created = new Map<string, string>()
  let isArchive = false
  for await (const { name, bytes } of membersOf(file)) {
    isArchive ||= name === 'archive.json'
    if (!isArchive) break
    for (const { target, seq, createdAt } of eventsIn(name, bytes)) {
      last.set(target, seq)
      if (createdAt !== undefined) created.set(target, createdAt)
    }
  }
  if (!isArchive) throw new UsageError(`'${file}' is no archive of a tenant`, 'archive')
  const counts = new Map<string, number>()
  const definitions: { name: string; definition: NounDefinition }[] = []
  const files = new Set<string>()
  for await (const { name, bytes } of membersOf(file)) {
    const part = /^files\/(file_[0-9a-z]+)\/\d+$/.exec(name)?.[1]
    if (part !== undefined) {
      files.add(part)
      appendFileSync(join(folder, part), bytes)
    }
    const lines = new Map<string, string[]>()
    for (const { noun, isDeletion, target, seq, data } of eventsIn(name, bytes)) {
      if (isDeletion || last.get(target) !== seq || leftOut.includes(noun)) continue
      if (noun === 'Schema') definitions.push(definitionIn(data))
      else lines.set(noun, [...(lines.get(noun) ?? []), withCreation(data, created.get(target))])
    }
    for (const [noun, some] of lines) {
      counts.set(noun, (counts.get(noun) ?? 0) + some.length)
      appendFileSync(join(folder, `${noun}.ndjson`), some.map((line) => `${line}\n`).join(''))
    }
  }
  return { counts, definitions, files }
}

async function* membersOf(file: string): AsyncGenerator<{ readonly name: string; readonly bytes: Uint8Array }> {
  const reader = streamOf(file)
    .pipeThrough(createTarDecoder({ strict: true }))
    .getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const { header, body } = next.value
      if (header.size > memberBytesMax) throw new Error(`'${header.name.slice(0, 64)}' is too large`)
      yield { name: header.name, bytes: new Uint8Array(await new Response(body).arrayBuffer()) }
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`'${file}' is no whole archive: ${why}`, 'archive')
  }
}

/** The next part is read once the one before was taken. */
function streamOf(file: string): ReadableStream<Uint8Array> {
  const chunks = createReadStream(file)[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done === true) controller.close()
      else controller.enqueue(value as Buffer) // without an encoding, a file is read as buffers
    },
    cancel: async () => void (await chunks.return?.()),
  })
}

function* eventsIn(member: string, bytes: Uint8Array): Generator<Event> {
  if (!member.startsWith('events/')) return
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    if (line === '') continue
    const row = tryParseJson(line)
    const { type, target, seq, data, version, effectiveMs } = isPlainObject(row) ? row : {}
    const [noun, event] = typeof type === 'string' ? type.split('.') : []
    // The name of a type is that of a file.
    if (noun === undefined || !/^[A-Z][A-Za-z0-9]{0,63}$/.test(noun)) throw new Error(`${member} has no events`)
    if (typeof target !== 'string' || typeof seq !== 'number' || typeof data !== 'string')
      throw new Error(`${member} has no events`)
    const isEarlier = version === 1 && typeof effectiveMs === 'number'
    yield {
      noun,
      isDeletion: event === 'Deleted',
      target,
      seq,
      data,
      ...(isEarlier ? { createdAt: new Date(effectiveMs).toISOString() } : {}),
    }
  }
}

function withCreation(data: string, createdAt: string | undefined): string {
  const entity = createdAt === undefined ? undefined : tryParseJson(data)
  return isPlainObject(entity) ? JSON.stringify({ ...entity, $createdAt: createdAt }) : data
}

function definitionIn(data: string): { readonly name: string; readonly definition: NounDefinition } {
  const entity = tryParseJson(data)
  const { name, definition } = isPlainObject(entity) ? entity : {}
  if (typeof name === 'string' && isPlainObject(definition)) return { name, definition: { fields: {}, ...definition } } // the server checks it
  throw new Error('a definition has no name')
}
