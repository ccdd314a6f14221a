// Thumbnails of stored images. A process that does nothing else decodes them, and they are kept beside the bytes of their file, with which
// they go. A file never changes, so neither does its thumbnail.

import type { ServiceAnswer, ServiceRequest, TenantFiles } from '@dotdo/service'
import { ObjectError } from 'digital-objects'
import { answerFile, headersOf, matchesEtag, type Served } from './serve-file.ts'
import { readRecord, streamRange, thumbnailKey } from './stored-file.ts'
import { invalid } from './upload-routes.ts'

export interface ThumbnailBindings {
  /** Answers 200 with the thumbnail of an image, 422 with the reason for which there is none, or 503. */
  readonly THUMBNAILS?: { fetch(url: string, init: RequestInit): Promise<Response> }
}

export const thumbnailBindings = ['THUMBNAILS'] as const

/** The longer side of a thumbnail in pixels. A few sizes are few objects for each file. */
export const thumbnailSizes = [64, 128, 256, 512, 1024] as const
const sourceTypes: readonly string[] = ['image/png', 'image/jpeg', 'image/webp']
const sourceBytesMax = 20 * 2 ** 20
const mediaType = 'image/webp'

type Request = Pick<ServiceRequest<ThumbnailBindings>, 'header' | 'bindings' | 'tenant'>

/** Throws an ObjectError that names `thumbnail` for every image of which there is none. */
export async function serveThumbnail(request: Request, served: Served, text: string): Promise<ServiceAnswer> {
  const size = thumbnailSizes.find((one) => String(one) === text)
  if (size === undefined)
    throw invalid('thumbnail', `expects one of ${thumbnailSizes.join(', ')}, got '${text.slice(0, 20)}'`)
  const { files, id, record } = served
  if (!sourceTypes.includes(record.mediaType)) {
    const message = `a thumbnail is made of PNG, JPEG and WebP images, and this file is ${record.mediaType}`
    throw new ObjectError({ code: 'unsupported_media_type', field: 'thumbnail', message })
  }
  const etag = `"${record.hash}-${size}"`
  const headers = headersOf({ ...served, filename: `${served.filename}.webp` }, { etag, mediaType })
  if (matchesEtag(request.header('if-none-match'), etag))
    return answerFile({ status: 304, mediaType, content: '', headers })
  const bytes = (await files.get(thumbnailKey(id, size))) ?? (await makeThumbnail(request, served, size))
  const content = new Blob([bytes]).stream()
  return answerFile({
    status: 200,
    mediaType,
    content,
    headers: { ...headers, 'content-length': String(bytes.length) },
  })
}

async function makeThumbnail(
  { bindings, tenant }: Request,
  { files, id, record }: Served,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (bindings.THUMBNAILS === undefined) {
    const message = 'this server makes no thumbnails: the embedded server does'
    throw new ObjectError({ code: 'not_configured', field: 'thumbnail', message })
  }
  if (record.size > sourceBytesMax)
    throw tooLarge(`a thumbnail is made of at most ${sourceBytesMax} bytes, and this image has ${record.size}`)
  const query = new URLSearchParams({ size: String(size), tenant, image: record.hash })
  const answer = await bindings.THUMBNAILS.fetch(`http://launcher/thumbnail?${query.toString()}`, {
    method: 'POST',
    // The launcher reads it when it is this image's turn, so no image waits in memory.
    body: streamRange(files, id, { parts: record.parts, range: { start: 0, end: record.size } }),
  })
  if (answer.status === 422) throw refusalOf(await answer.text())
  if (answer.status === 503) {
    const message = 'too many images wait for their thumbnails: try again later'
    throw new ObjectError({ code: 'overloaded', message, detail: { retryAfterSeconds: 5 } })
  }
  if (answer.status !== 200) throw new Error(`the launcher could not make a thumbnail: ${answer.status}`)
  const bytes = new Uint8Array(await answer.arrayBuffer())
  await keep(files, id, { size, bytes })
  return bytes
}

/** A thumbnail is kept for the next reader. One that cannot be kept is made again. */
async function keep(
  files: TenantFiles,
  id: string,
  { size, bytes }: { readonly size: number; readonly bytes: Uint8Array },
): Promise<void> {
  const key = thumbnailKey(id, size)
  try {
    await files.put(key, bytes, { ifAbsent: false })
  } catch {
    return
  }
  // The file may have been removed meanwhile: its record goes first, and nothing of it may stay.
  if ((await readRecord(files, id)) === undefined) await files.delete([key])
}

function refusalOf(reason: string): ObjectError {
  if (reason === 'tooManyPixels') return tooLarge('a thumbnail is made of at most 25 million pixels, and 30,000 a side')
  if (reason === 'tooMuchMemory' || reason === 'tooLong')
    return invalid('thumbnail', 'cannot be made: the image takes more time or memory than one may take')
  return invalid('thumbnail', 'cannot be made: the image is damaged, or of a kind that is not supported')
}

function tooLarge(message: string): ObjectError {
  return new ObjectError({ code: 'payload_too_large', field: 'thumbnail', message })
}
