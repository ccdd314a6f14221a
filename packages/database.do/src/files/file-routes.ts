// Routes of files: one that is sent at once, reading, and signed links.

import type { ServiceAnswer, ServiceRequest, ServiceRoute } from '@dotdo/service'
import { isPlainObject, ObjectError, tryParseJson } from 'digital-objects'
import { serveFile } from './serve-file.ts'
import { readRecord } from './stored-file.ts'
import { linkSecondsMax } from './file-limits.ts'
import { serveThumbnail, type ThumbnailBindings, thumbnailSizes } from './thumbnail.ts'
import { begin, invalid, receiveUpload, storeOf, uploadRoutes } from './upload-routes.ts'

const linkSeconds = 3_600
const attachedMax = 20

export const fileRoutes: readonly ServiceRoute<ThumbnailBindings>[] = [
  // Before the routes with a variable, which would take its word for an id.
  ...uploadRoutes,
  {
    path: '/files',
    method: 'POST',
    about:
      'Stores the body as a file, and answers its asset: `filename`, `attachedTo` (ids, separated by commas), `name`, `alt`, `caption` as parameters. Long ones go by `/files/uploads`.',
    document: {
      parameters: {
        filename: { about: 'Name of the file' },
        attachedTo: { about: 'Ids of entities, separated by commas' },
        name: { about: 'Name of the asset' },
        alt: { about: 'Text in place of an image' },
        caption: { about: 'Text below an image' },
      },
      answer: { about: 'The asset' },
    },
    takesBytes: true,
    answer: sendFile,
  },
  {
    path: '/files/{id}',
    method: 'GET',
    about:
      'Sends the bytes of a file, by the id of its asset or its own: the whole file or a `Range`, or nothing if `If-None-Match` says so. With `thumbnail=256` it sends a small image of a PNG, JPEG or WebP.',
    document: {
      parameters: {
        thumbnail: {
          about: 'Longer side of a small image in pixels',
          schema: { type: 'integer', enum: thumbnailSizes },
        },
        expires: { about: 'Of a signed link: when it ends' },
        holder: { about: 'Of a signed link: whose rights it has' },
        signature: { about: 'Of a signed link: its proof' },
      },
      answer: { about: 'The bytes', mediaType: 'application/octet-stream' },
    },
    isOpen: ({ signature }) => signature !== undefined,
    answer: readFile,
  },
  {
    path: '/files/{id}/link',
    method: 'POST',
    about:
      'Signs a link by which anybody may read a file for `expiresIn` seconds, at most a week, as long as its maker may.',
    document: {
      body: {
        isRequired: false,
        schema: {
          type: 'object',
          additionalProperties: false,
          properties: {
            expiresIn: { type: 'integer', minimum: 1, maximum: linkSecondsMax, description: 'Seconds until it ends.' },
          },
        },
      },
      answer: {
        about: 'The link',
        schema: {
          type: 'object',
          required: ['url', 'expiresAt'],
          properties: {
            url: { type: 'string', format: 'uri', description: 'The link.' },
            expiresAt: { type: 'string', format: 'date-time', description: 'When it ends.' },
          },
        },
      },
    },
    answer: makeLink,
  },
]

async function sendFile(request: ServiceRequest): Promise<ServiceAnswer> {
  const files = storeOf(request)
  const { filename, attachedTo, ...fields } = request.parameters
  const length = request.header('content-length')
  if (length === undefined || !/^\d{1,15}$/.test(length))
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'Content-Length',
      message: 'a file that is sent at once says its size in Content-Length: an upload by /files/uploads needs none',
    })
  const attached = attachedTo?.split(',') ?? []
  if (attached.length > attachedMax) throw invalid('attachedTo', `expects at most ${attachedMax} ids`)
  const size = Number(length)
  const claimedType = request.header('content-type') ?? ''
  const id = await begin(request, {
    filename,
    size,
    claimedType,
    fields: { ...fields, ...(attached.length === 0 ? {} : { attachedTo: attached }) },
  })
  try {
    const answer = await receiveUpload(request, { files, id, size, claimedType, offset: 0 })
    if (answer.ok && answer.isUnfinished === true)
      throw new ObjectError({ code: 'invalid_body', field: 'body', message: 'the body did not arrive whole' })
    return answer
  } catch (error) {
    // Nobody knows the id, so nobody can continue it.
    if (error instanceof ObjectError) await request.command('files.abandon', { id }).catch(() => {})
    throw error
  }
}

async function readFile(request: ServiceRequest<ThumbnailBindings>): Promise<ServiceAnswer> {
  const files = storeOf(request)
  const { id: asset = '', signature, expires = '', holder = '', thumbnail, ...others } = request.parameters
  const stray = Object.keys(others)[0]
  if (stray !== undefined) throw invalid(stray.slice(0, 64), 'is no parameter of a file')
  const isLink = signature !== undefined
  const found = isLink
    ? await request.command('files.follow', { asset, expires, holder, signature })
    : await request.command('files.open', { id: asset })
  const { file, filename, endsMs } = isPlainObject(found) ? found : {}
  const id = String(file)
  const record = await readRecord(files, id)
  if (record === undefined)
    throw new ObjectError({ code: 'not_found', field: 'id', message: 'the bytes of this file are not kept any more' })
  const served = { files, id, record, filename: String(filename), ...(isLink ? { endsMs: Number(endsMs) } : {}) }
  return thumbnail === undefined ? serveFile(request, served) : serveThumbnail(request, served, thumbnail)
}

async function makeLink(request: ServiceRequest): Promise<ServiceAnswer> {
  const text = await request.body()
  const body = text === '' ? {} : tryParseJson(text)
  if (!isPlainObject(body)) throw invalid('body', 'expects an object with expiresIn')
  const { expiresIn = linkSeconds, ...others } = body
  const stray = Object.keys(others)[0]
  if (stray !== undefined) throw invalid(stray.slice(0, 64), 'is no field of a link')
  if (typeof expiresIn !== 'number') throw invalid('expiresIn', 'expects seconds')
  const link = await request.command('files.link', { asset: request.parameters['id'] ?? '', expiresIn })
  return { ok: true, body: JSON.stringify(link) }
}
