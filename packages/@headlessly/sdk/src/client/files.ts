// `$.files`: bytes that the tenant keeps, each as an `Asset`.

import { isObject, type JsonValue } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import { unexpectedAnswer } from '../calls/parse-answer.ts'
import type { Session } from '../calls/session.ts'

export interface UploadOptions extends CallOptions {
  readonly filename: string
  /** The media type, which counts only for texts: others are known by their content. */
  readonly mimeType?: string
  /** Ids of entities to which the file is attached. */
  readonly attachedTo?: readonly string[]
  /** Further fields of the asset: `name`, `alt`, `caption`. */
  readonly fields?: Readonly<Record<string, JsonValue>>
  readonly onProgress?: ((bytes: number) => void) | undefined
}

/** The asset that an upload has become. */
export interface UploadedAsset extends Readonly<Record<string, unknown>> {
  readonly $id: string
  readonly url: string
  readonly file: string
  readonly hash: string
  readonly mimeType: string
  readonly size: number
}

export interface FileLink {
  readonly url: string
  readonly expiresAt: string
}

/** The longer side of a thumbnail in pixels. */
export type ThumbnailSize = 64 | 128 | 256 | 512 | 1024

export interface Files {
  /** Sends a file in pieces. One that is lost on its way is sent again from where the server has it. */
  upload(content: Blob | Uint8Array<ArrayBuffer>, options: UploadOptions): Promise<UploadedAsset>
  /** Yields the bytes of a file while they arrive, by the id of its asset; with `thumbnail`, those of a small WebP image of it. */
  download(id: string, options?: CallOptions & { readonly thumbnail?: ThumbnailSize }): AsyncIterable<Uint8Array>
  /** Signs a link by which anybody may read a file for some seconds, an hour by default. */
  link(id: string, options?: CallOptions & { readonly expiresIn?: number }): Promise<FileLink>
}

/** A piece takes as long as a slow network needs. */
const pieceMsMax = 10 * 60 * 1_000
/** Losses in a row. */
const attemptsMax = 5

export function makeFiles(session: () => Session): Files {
  return Object.freeze<Files>({
    async upload(content, { filename, mimeType, attachedTo, fields = {}, signal, onProgress }) {
      const whole = content instanceof Blob ? content : new Blob([content])
      const more = {
        ...(mimeType === undefined ? {} : { mimeType }),
        ...(attachedTo === undefined ? {} : { attachedTo }),
      }
      const signals = signal === undefined ? {} : { signal }
      const begun = await session().command({
        path: 'files/uploads',
        body: JSON.stringify({ ...fields, ...more, filename, size: whole.size }),
        ...signals,
      })
      const { id, pieceBytes } = parseUpload(begun.body)
      for (let offset = 0, attempts = 0; ;) {
        const piece = whole.slice(offset, offset + pieceBytes)
        const sent = await sendPiece(session(), { path: `files/uploads/${id}?offset=${offset}`, piece, ...signals })
        if (sent === undefined && ++attempts === attemptsMax) throw lost(filename)
        if (sent === undefined) continue
        const asset = assetIn(sent.body)
        if (asset !== undefined) return asset
        attempts = sent.offset > offset ? 0 : attempts + 1
        if (attempts >= attemptsMax) throw lost(filename)
        offset = sent.offset
        onProgress?.(offset)
      }
    },
    download(id, { signal, thumbnail } = {}) {
      const { transport, bookmark } = session()
      if (transport.download === undefined)
        throw new HeadlesslyError({ code: 'forbidden', field: 'files', message: 'files are not available here' })
      return transport.download({
        path: `files/${encodeURIComponent(id)}${thumbnail === undefined ? '' : `?thumbnail=${thumbnail}`}`,
        ...(bookmark === undefined ? {} : { bookmark }),
        ...(signal === undefined ? {} : { signal }),
      })
    },
    async link(id, { signal, expiresIn } = {}) {
      const { body } = await session().command({
        path: `files/${encodeURIComponent(id)}/link`,
        body: JSON.stringify(expiresIn === undefined ? {} : { expiresIn }),
        ...(signal === undefined ? {} : { signal }),
      })
      if (!isObject(body) || typeof body['url'] !== 'string' || typeof body['expiresAt'] !== 'string')
        throw unexpectedAnswer('a link')
      return { url: body['url'], expiresAt: body['expiresAt'] }
    },
  })
}

interface Piece {
  readonly path: string
  readonly piece: Blob
  readonly signal?: AbortSignal
}

/** Returns undefined if no answer came. A server that has other bytes than expected says which. */
async function sendPiece(
  session: Session,
  { path, piece, ...signals }: Piece,
): Promise<{ readonly body: unknown; readonly offset: number } | undefined> {
  const file = { content: piece, mediaType: 'application/octet-stream', timeoutMs: pieceMsMax }
  try {
    const { body } = await session.command({ path, file, ...signals })
    return { body, offset: offsetIn(body) }
  } catch (error) {
    if (!(error instanceof HeadlesslyError)) throw error
    if (error.code === 'network_error') return undefined
    if (error.code !== 'conflict' || error.field !== 'offset') throw error
    return { body: undefined, offset: offsetIn(error.detail) }
  }
}

function offsetIn(value: unknown): number {
  return isObject(value) ? Number(value['offset'] ?? 0) : 0
}

function assetIn(value: unknown): UploadedAsset | undefined {
  return isObject(value) && value['$type'] === 'Asset' ? (value as unknown as UploadedAsset) : undefined // the server's own
}

function parseUpload(value: unknown): { readonly id: string; readonly pieceBytes: number } {
  if (isObject(value) && typeof value['id'] === 'string' && typeof value['pieceBytes'] === 'number')
    return { id: value['id'], pieceBytes: value['pieceBytes'] }
  throw unexpectedAnswer('an upload')
}

function lost(filename: string): HeadlesslyError {
  return new HeadlesslyError({
    code: 'network_error',
    message: `the upload of '${filename}' was cut off ${attemptsMax} times in a row`,
  })
}
