// Routes of uploads. An upload is begun with its size, gets its bytes in any number of requests, of which each may be cut off and
// continued, and becomes an asset with the last byte.

import type { ServiceAnswer, ServiceRequest, ServiceRoute, TenantFiles } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError, tryParseJson } from 'digital-objects'
import { receiveBytes } from './receive-bytes.ts'
import { filePattern, partBytesMax, partKeys, putRecord, readParts, removeBytes, totalOf } from './stored-file.ts'
import { examineFile } from './examine-file.ts'

type Fields = Readonly<Record<string, JsonValue>>

/** Fields of the asset that an upload may set. */
const assetFields = [
  'name',
  'alt',
  'caption',
  'tags',
  'source',
  'license',
  'content',
  'attachedTo',
  'metadata',
] as const
const filenameMax = 255

const uploadSchema = {
  type: 'object',
  required: ['id', 'offset', 'size'],
  properties: {
    id: { type: 'string', description: 'Identifier of the upload.' },
    offset: { type: 'integer', minimum: 0, description: 'Bytes that have arrived.' },
    size: { type: 'integer', minimum: 0, description: 'Bytes of the whole file.' },
    pieceBytes: { type: 'integer', minimum: 1, description: 'Bytes of a request that suit the server.' },
  },
} as const

const offset = {
  offset: { about: 'Position of the first byte of the body', schema: { type: 'integer', minimum: 0 } },
} as const

export const uploadRoutes: readonly ServiceRoute[] = [
  {
    path: '/files/uploads',
    method: 'POST',
    about:
      'Begins an upload: `filename`, `size`, and the fields of the asset that it will be, such as `attachedTo`; the answer has its `id`.',
    document: {
      body: {
        isRequired: true,
        schema: {
          type: 'object',
          required: ['filename', 'size'],
          additionalProperties: false,
          properties: {
            filename: { type: 'string', minLength: 1, maxLength: filenameMax, description: 'Name of the file.' },
            size: { type: 'integer', minimum: 0, description: 'Bytes of the file.' },
            mimeType: { type: 'string', description: 'Media type, which counts for texts.' },
            ...Object.fromEntries(assetFields.map((name) => [name, { description: `${name} of the asset.` }])),
          },
        },
      },
      answer: { about: 'The upload', schema: uploadSchema },
    },
    answer: beginUpload,
  },
  {
    path: '/files/uploads/{id}',
    method: 'GET',
    about: 'Says how much of an upload has arrived: `offset`, also as the header `Upload-Offset`.',
    document: { answer: { about: 'The upload', schema: uploadSchema } },
    answer: showUpload,
  },
  {
    path: '/files/uploads/{id}',
    method: 'PUT',
    about:
      'Takes the next bytes of an upload, from its offset, as `Content-Range: bytes 0-99/100` or the parameter `offset` says; the last ones answer the asset.',
    document: { parameters: offset, answer: { about: 'The upload, or the asset after the last byte' } },
    takesBytes: true,
    answer: continueUpload,
  },
  {
    path: '/files/uploads/{id}',
    method: 'POST',
    about: 'The same as PUT, for clients that only post.',
    document: { parameters: offset, answer: { about: 'The upload, or the asset after the last byte' } },
    takesBytes: true,
    answer: continueUpload,
  },
  {
    path: '/files/uploads/{id}',
    method: 'DELETE',
    about: 'Removes an upload that is not complete.',
    answer: async (request) => {
      storeOf(request)
      await request.command('files.abandon', { id: uploadIdOf(request) })
      return { ok: true, body: '' }
    },
  },
]

async function beginUpload(request: ServiceRequest): Promise<ServiceAnswer> {
  storeOf(request)
  refuseConditions(request)
  const body = tryParseJson(await request.body())
  if (!isPlainObject(body)) throw invalid('body', 'expects an object with filename and size')
  const { filename, size, mimeType = '', ...fields } = body as Fields
  const id = await begin(request, { filename, size, claimedType: mimeType, fields })
  return { ok: true, hasCreated: true, body: JSON.stringify({ id, offset: 0, size, pieceBytes: 2 * partBytesMax }) }
}

/** Returns the id of the upload. */
export async function begin(
  request: ServiceRequest,
  { filename, size, claimedType, fields }: Readonly<Record<string, JsonValue | undefined>>,
): Promise<string> {
  if (
    typeof filename !== 'string' ||
    filename === '' ||
    filename.length > filenameMax ||
    /[/\\]|\p{Cc}/u.test(filename)
  )
    throw invalid(
      'filename',
      `expects a name of 1 to ${filenameMax} characters, without slashes and control characters`,
    )
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid('size', 'expects the number of bytes')
  if (typeof claimedType !== 'string' || claimedType.length > 255) throw invalid('mimeType', 'expects a media type')
  const given = isPlainObject(fields) ? (fields as Fields) : {}
  const known: readonly string[] = assetFields
  const stray = Object.keys(given).find((name) => !known.includes(name))
  if (stray !== undefined)
    throw invalid(
      stray.slice(0, 64),
      `is no field of an upload: expected filename, size, mimeType, ${known.join(', ')}`,
    )
  const begun = await request.command('files.begin', { filename, size, claimedType, fields: given })
  return String(isPlainObject(begun) ? begun['id'] : '')
}

async function showUpload(request: ServiceRequest): Promise<ServiceAnswer> {
  const files = storeOf(request)
  const id = uploadIdOf(request)
  const { size } = await findUpload(request, id)
  const offset = totalOf(await readParts(files, id))
  return {
    ok: true,
    body: '',
    file: {
      mediaType: 'application/json; charset=utf-8',
      content: JSON.stringify({ id, offset, size }),
      headers: { 'upload-offset': String(offset), 'upload-length': String(size) },
    },
  }
}

async function continueUpload(request: ServiceRequest): Promise<ServiceAnswer> {
  const files = storeOf(request)
  const id = uploadIdOf(request)
  const upload = await findUpload(request, id)
  return receiveUpload(request, { files, id, ...upload, offset: offsetOf(request, upload.size) })
}

export interface Receiving {
  readonly files: TenantFiles
  readonly id: string
  readonly size: number
  readonly claimedType: string
  /** The offset from which the sender sends; undefined for wherever the upload ends. */
  readonly offset: number | undefined
}

/** Takes bytes, and makes the asset once all are there. */
export async function receiveUpload(request: ServiceRequest, receiving: Receiving): Promise<ServiceAnswer> {
  const { files, id, size, claimedType } = receiving
  let parts: readonly number[]
  try {
    parts = await receiveBytes(request.bytes(), receiving)
  } finally {
    await dropIfRemoved(request, receiving)
  }
  const offset = totalOf(parts)
  if (offset < size) return { ok: true, isUnfinished: true, body: JSON.stringify({ id, offset, size }) }
  const { hash, mediaType } = await examineFile(files, id, { parts, claimedType })
  // A part whose sender learned nothing of it was not synced. Readers find the record by an asset only, which comes after.
  await files.sync(partKeys(id, parts))
  await putRecord(files, id, { size, hash, mediaType, parts })
  const finished = await request.command('files.finish', { id, hash, mediaType })
  const { body, bookmark } = isPlainObject(finished) ? finished : {}
  return { ok: true, hasCreated: true, body: String(body), ...(typeof bookmark === 'string' ? { bookmark } : {}) }
}

/** Bytes that come while their upload is being removed would belong to nothing. */
async function dropIfRemoved(request: ServiceRequest, { files, id }: Pick<Receiving, 'files' | 'id'>): Promise<void> {
  try {
    await request.command('files.find', { id })
  } catch (error) {
    if (error instanceof ObjectError && error.code === 'not_found') await removeBytes(files, id)
    throw error
  }
}

async function findUpload(
  request: ServiceRequest,
  id: string,
): Promise<{ readonly size: number; readonly claimedType: string }> {
  const found = await request.command('files.find', { id })
  const { size, claimedType } = isPlainObject(found) ? found : {}
  return { size: Number(size), claimedType: String(claimedType) }
}

/** Throws an ObjectError for a range of another size than the upload's. */
function offsetOf({ header, parameters }: ServiceRequest, size: number): number | undefined {
  const range = header('content-range')
  const text = parameters['offset'] ?? (range === undefined ? undefined : (/^bytes (\d{1,15})-/.exec(range)?.[1] ?? ''))
  const total = range === undefined ? undefined : /\/(\d{1,15}|\*)$/.exec(range)?.[1]
  if (range !== undefined && /^bytes \*\/\d{1,15}$/.test(range)) return undefined
  if (range !== undefined && (total === undefined || (total !== '*' && Number(total) !== size)))
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'Content-Range',
      message: `Content-Range expects bytes first-last/${size}, got '${range.slice(0, 100)}'`,
    })
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const message = `offset expects the number of bytes before, got '${text.slice(0, 64)}'`
  throw new ObjectError({ code: 'invalid_parameter', field: 'offset', message })
}

function uploadIdOf({ parameters }: ServiceRequest): string {
  const id = parameters['id'] ?? ''
  if (filePattern.test(id)) return id
  throw new ObjectError({ code: 'not_found', field: 'id', message: `there is no upload '${id.slice(0, 64)}'` })
}

/** Throws an ObjectError `not_configured` on a server without an object store. */
export function storeOf({ files }: Pick<ServiceRequest, 'files'>): TenantFiles {
  if (files !== undefined) return files
  const message = 'this server has no object store, so it keeps no files'
  throw new ObjectError({ code: 'not_configured', field: 'LAKE', message })
}

/** A repetition begins another upload, which ends after a day. */
function refuseConditions({ idempotencyKey }: ServiceRequest): void {
  if (idempotencyKey === undefined) return
  const message = 'the beginning of an upload does not support Idempotency-Key: one that nobody continues is removed'
  throw new ObjectError({ code: 'invalid_parameter', field: 'Idempotency-Key', message })
}

export function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'validation_error', message: `${field} ${message}`, faults: [{ field, message }] })
}
