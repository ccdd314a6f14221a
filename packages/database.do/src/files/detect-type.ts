// The media type of a file by its content. A sender may claim anything, and a browser acts on it.

/** Enough for the inner parts of documents that are zip files, as far as these are found. */
export const headBytes = 64 * 2 ** 10

/** Texts that are shown as text whatever they contain. Markup, such as HTML and SVG, is none of them. */
const texts: readonly string[] = ['text/plain', 'text/csv', 'text/markdown', 'application/json', 'application/x-ndjson']

/** `head` is the beginning of the file. */
export async function detectType(head: Uint8Array, claimed: string): Promise<string> {
  // It is loaded with the first file.
  const { fileTypeFromBuffer } = await import('file-type')
  const found = await fileTypeFromBuffer(head)
  // A text that begins like XML may be SVG, which runs scripts.
  if (found !== undefined && found.mime !== 'application/xml') return found.mime
  const type = claimed.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!isText(head)) return 'application/octet-stream'
  return texts.includes(type) ? type : 'text/plain'
}

/** Whether the bytes are UTF-8 without control characters. A character may be cut at the end. */
function isText(head: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(head, { stream: true })
    // oxlint-disable-next-line no-control-regex
    return !/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text)
  } catch {
    return false
  }
}

/** The types that a browser may show in a page of this server's host. It saves all others. */
const shown: readonly string[] = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'application/pdf',
  ...texts,
]

/** Returns the type with which a file is sent, which makes a browser execute nothing. */
export function servedType(mediaType: string): { readonly contentType: string; readonly isShown: boolean } {
  if (texts.includes(mediaType)) return { contentType: 'text/plain; charset=utf-8', isShown: true }
  if (shown.includes(mediaType)) return { contentType: mediaType, isShown: true }
  const isMedia = /^(?:audio|video)\/[\w.+-]+$/.test(mediaType)
  return { contentType: isMedia ? mediaType : 'application/octet-stream', isShown: false }
}

/** The kind of an asset, one of those of its field `type`. */
export function kindOf(mediaType: string): string {
  const [first = ''] = mediaType.split('/')
  if (first === 'image') return 'Image'
  if (first === 'video') return 'Video'
  if (first === 'audio') return 'Audio'
  if (/zip|gzip|x-tar|x-7z|x-rar|x-bzip2|x-xz|zstd/.test(mediaType) && !mediaType.endsWith('+zip')) return 'Archive'
  return first === 'text' || /pdf|document|msword|officedocument|rtf|epub|json/.test(mediaType) ? 'Document' : 'Other'
}
