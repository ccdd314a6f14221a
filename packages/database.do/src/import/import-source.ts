// The bytes that are imported: the body of the request, a file that was uploaded before, whose asset the caller has to be able to read, or a
// file of the folder that the operator has named for imports, for a caller who may do everything.

import type { ServiceRequest } from '@dotdo/service'
import { isPlainObject, ObjectError } from 'digital-objects'
import { readRange, readRecord } from '../files/stored-file.ts'
import { storeOf } from '../files/upload-routes.ts'
import type { FileRequest } from './file-import.ts'
import { refuseOption } from './import-refused.ts'

export interface ImportBindings {
  readonly IMPORTS_DISK?: { fetch(url: string): Promise<Response> }
}

export const importBindings = ['IMPORTS_DISK'] as const

type ImportRequest = ServiceRequest<ImportBindings>

/** Throws an ObjectError. */
export async function withSource(request: ImportRequest): Promise<FileRequest> {
  const { asset, path, ...parameters } = request.parameters
  if (asset !== undefined && path !== undefined) throw refuseOption('path', 'is not given beside asset')
  if (asset !== undefined) return fromAsset(request, asset, parameters)
  if (path !== undefined) return fromFolder(request, path, parameters)
  return request
}

async function fromAsset(
  request: ImportRequest,
  asset: string,
  parameters: ImportRequest['parameters'],
): Promise<FileRequest> {
  const files = storeOf(request)
  const found = await request.command('files.open', { id: asset })
  const { file, filename } = isPlainObject(found) ? found : {}
  const id = String(file)
  const record = await readRecord(files, id)
  if (record === undefined)
    throw new ObjectError({
      code: 'not_found',
      field: 'asset',
      message: 'the bytes of this file are not kept any more',
    })
  const { parts, size, mediaType } = record
  return {
    ...request,
    parameters: { file: String(filename), ...parameters },
    header: (name) => (name === 'content-type' ? mediaType : request.header(name)),
    bytes: () => readRange(files, id, { parts, range: { start: 0, end: size } }),
  }
}

async function fromFolder(
  request: ImportRequest,
  path: string,
  parameters: ImportRequest['parameters'],
): Promise<FileRequest> {
  await request.command('imports.fromFolder', null)
  const disk = request.bindings.IMPORTS_DISK
  if (disk === undefined) {
    const message = 'this server names no folder for imports: start it with --import-folder'
    throw new ObjectError({ code: 'not_configured', field: 'path', message })
  }
  const segments = path.split('/')
  // Names that begin with a point are hidden files, and ways out of the folder.
  if (segments.some((segment) => !/^[^.\\\p{Cc}][^\\\p{Cc}]{0,199}$/u.test(segment)))
    throw refuseOption('path', `expects the path of a file below the folder of imports, got '${path.slice(0, 100)}'`)
  const answer = await disk.fetch(`http://imports/${segments.map(encodeURIComponent).join('/')}`)
  const { body } = answer
  // The disk answers a folder with a list of its files.
  if (!answer.ok || body === null || answer.headers.get('content-type')?.startsWith('application/json') === true) {
    await body?.cancel()
    throw new ObjectError({
      code: 'not_found',
      field: 'path',
      message: `the folder of imports has no file '${path.slice(0, 100)}'`,
    })
  }
  return {
    ...request,
    parameters: { file: segments.at(-1) ?? '', ...parameters },
    header: (name) => (name === 'content-type' ? 'application/octet-stream' : request.header(name)),
    bytes: () => chunksOf(body),
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel()
  }
}
