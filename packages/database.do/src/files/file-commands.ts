// Answers about files that only the tenant's object has: who may upload them, which bytes are there already, who has signed a link.

import {
  type CommandCaller,
  errorOfProblem,
  type ObjectParts,
  type ServiceAnswer,
  type ServiceCommands,
} from '@dotdo/service'
import { type CallOf, isPlainObject, type JsonValue, ObjectError } from 'digital-objects'
import { kindOf } from './detect-type.ts'
import type { FileSweep } from './adopt-files.ts'
import { limitsOf, linkSecondsMax } from './file-limits.ts'
import type { FileRegistry, Upload } from './file-registry.ts'
import { keptObjects } from './kept-objects.ts'
import { isSignedLink, type Link, linkSecret, mayHoldLinks, signLink } from './signed-link.ts'
import { makeFileId } from './stored-file.ts'
import { visibleFile } from './visible-file.ts'

export interface FileCommandsOptions {
  readonly parts: ObjectParts
  readonly registry: FileRegistry
  readonly sweep: FileSweep
  readonly random: (count: number) => Uint8Array
  /** The server's clock. */
  readonly now: () => number
}

type Fields = Readonly<Record<string, JsonValue>>

/** The inputs come from the routes of this service. */
export function fileCommands(options: FileCommandsOptions): ServiceCommands {
  const { registry } = options
  return {
    'files.begin': (input, by) => begin(options, fieldsOf(input), by),
    'files.find': (input, by) => Promise.resolve({ ...openUpload(registry, idOf(input), by) }),
    'files.finish': (input, by) => finish(options, fieldsOf(input), by),
    'files.abandon': (input, by) => {
      openUpload(registry, idOf(input), by)
      registry.abandon(idOf(input))
      return Promise.resolve(null)
    },
    'files.open': async (input, by) => ({
      ...(await visibleFile(
        idOf(input),
        seeingAs(options, (call) => by.answer(call)),
      )),
    }),
    'files.link': (input, by) => link(options, fieldsOf(input), by),
    'files.follow': (input) => follow(options, fieldsOf(input)),
    'files.kept': async (input) => ({ ...(await keptObjects(options, String(fieldsOf(input)['after'] ?? ''))) }),
  }
}

async function begin(
  { registry, random }: FileCommandsOptions,
  { filename, size, claimedType, fields, isDryRun }: Fields,
  by: CommandCaller,
): Promise<JsonValue> {
  const upload: Upload = {
    state: 'open',
    size: Number(size),
    filename: String(filename),
    claimedType: String(claimedType),
    fields: fieldsOf(fields ?? {}),
    actor: by.who,
  }
  // An upload that cannot become an asset is refused before its bytes come.
  const id = makeFileId(random)
  const body = JSON.stringify(assetOf(upload, { url: 'https://example.com', mediaType: 'application/octet-stream' }))
  const tried = await by.answer({ kind: 'write', noun: 'Asset', verb: 'create', body, isDryRun: true })
  if (!tried.ok) throw new ObjectError(tried.error)
  const { refusals = [] } = JSON.parse(tried.body) as { readonly refusals?: readonly { readonly problem: unknown }[] } // made by the object
  if (refusals[0] !== undefined) throw errorOfProblem(refusals[0].problem)
  if (isDryRun !== true) registry.begin(id, upload, limitsOf(by.level))
  return { id }
}

/** An upload belongs to the actor who has begun it. Throws an ObjectError `not_found` for any other. */
function openUpload(registry: FileRegistry, id: string, { who }: CommandCaller): Upload {
  const upload = registry.uploadOf(id, who)
  if (upload !== undefined) return upload
  const message = `there is no open upload '${id.slice(0, 64)}': one that nobody finishes is kept for a day`
  throw new ObjectError({ code: 'not_found', field: 'id', message })
}

/** A repetition creates no second asset, whichever of its steps was the last one before. */
async function finish(
  { registry, parts }: FileCommandsOptions,
  { id: given, hash: computed, mediaType: detected }: Fields,
  by: CommandCaller,
): Promise<JsonValue> {
  const [id, hash, mediaType] = [String(given), String(computed), String(detected)]
  const upload = openUpload(registry, id, by)
  const file = registry.store(id, upload, { hash, mediaType })
  const fields = assetOf(upload, { url: `${parts.context()}/files/${file}`, mediaType })
  const uploader = /^(?:user|agent|contact)_/.test(upload.actor) ? { uploadedBy: upload.actor } : {}
  const body = JSON.stringify({ ...uploader, ...fields, file })
  const answer = await by.answer({ kind: 'write', noun: 'Asset', verb: 'create', body, idempotencyKey: `upload-${id}` })
  if (!answer.ok) throw new ObjectError(answer.error)
  return { body: answer.body, bookmark: answer.bookmark ?? null, isDuplicate: file !== id }
}

function assetOf(
  { filename, size, fields }: Upload,
  { url, mediaType }: { readonly url: string; readonly mediaType: string },
): Fields {
  const extension = /\.([a-z0-9]{1,12})$/i.exec(filename)?.[1]?.toLowerCase()
  return {
    name: filename,
    ...fields,
    filename,
    url,
    mimeType: mediaType,
    size,
    type: kindOf(mediaType),
    ...(extension === undefined ? {} : { extension }),
  }
}

async function link(options: FileCommandsOptions, { asset, expiresIn }: Fields, by: CommandCaller): Promise<JsonValue> {
  const { parts, now } = options
  const seconds = Number(expiresIn)
  if (!Number.isSafeInteger(seconds) || seconds < 1 || seconds > linkSecondsMax)
    throw invalid('expiresIn', `expects seconds from 1 to ${linkSecondsMax}`)
  // A key holds its own links, so that they end with it.
  const holder = by.key ?? by.who
  if (!mayHoldLinks(holder))
    throw new ObjectError({ code: 'forbidden', message: 'this caller ends by itself, so it can sign no links' })
  const found = await visibleFile(
    String(asset),
    seeingAs(options, (call) => by.answer(call)),
  )
  const signed: Link = {
    asset: found.asset,
    file: found.file,
    endsMs: Math.floor(now() / 1_000 + seconds) * 1_000,
    holder,
  }
  const secret = await linkSecret(parts, { make: true, random: options.random })
  const query = new URLSearchParams({
    expires: String(signed.endsMs / 1_000),
    holder,
    signature: await signLink(secret, parts.tenant(), signed),
  })
  const url = `${parts.context()}/files/${found.asset}?${query.toString()}`
  return { url, expiresAt: new Date(signed.endsMs).toISOString() }
}

/** Proves a link, and that its holder may read the file now. A link that proves nothing is not said to be wrong in any part. */
async function follow(
  { parts, now, random }: FileCommandsOptions,
  { asset, expires, holder, signature }: Fields,
): Promise<JsonValue> {
  const refusal = (): ObjectError =>
    new ObjectError({ code: 'forbidden', field: 'signature', message: 'the link is not valid, or not any more' })
  const endsMs = Number(expires) * 1_000
  const secret = await linkSecret(parts, { make: false, random })
  if (secret === '' || typeof holder !== 'string' || !mayHoldLinks(holder) || !(endsMs > now())) throw refusal()
  const file = parts.read(String(asset))?.['file']
  const signed: Link = { asset: String(asset), file: String(file), endsMs, holder }
  if (!(await isSignedLink(secret, parts.tenant(), { ...signed, signature: String(signature) }))) throw refusal()
  try {
    const found = await visibleFile(
      signed.asset,
      seeingAs({ parts }, (call) => parts.answerAs(call, holder)),
    )
    return { ...found, endsMs }
  } catch (error) {
    if (error instanceof ObjectError) throw refusal()
    throw error
  }
}

function seeingAs(
  { parts }: Pick<FileCommandsOptions, 'parts'>,
  answer: (call: CallOf<'read'>) => Promise<ServiceAnswer>,
): Parameters<typeof visibleFile>[1] {
  return {
    nouns: () => parts.nouns(),
    attachedTo: (asset) => parts.read(asset)?.['attachedTo'],
    read: async (call) => {
      const outcome = await answer(call)
      if (!outcome.ok) throw new ObjectError(outcome.error)
      return JSON.parse(outcome.body) as JsonValue
    },
  }
}

function fieldsOf(input: JsonValue): Fields {
  return isPlainObject(input) ? input : {}
}

function idOf(input: JsonValue): string {
  return String(fieldsOf(input)['id'])
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'validation_error', message: `${field} ${message}`, faults: [{ field, message }] })
}
