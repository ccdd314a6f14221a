// Compression of large answers for clients that accept gzip. Small answers, and those with an ETag, are sent as they are: an
// ETag names bytes, and the same one is expected by `If-Match`.

/** A smaller body fits into a few packets anyway. */
const lengthMin = 16 * 1_024
/** Compressing a body holds the thread: this one for about 40 ms. */
const lengthMax = 2 * 2 ** 20

/** `version`: that of the ETag, if the answer has one. */
export function isCompressible(
  { body, version }: { readonly body: string | Uint8Array; readonly version?: number | undefined },
  acceptEncoding: string | null,
): boolean {
  if (body.length < lengthMin || body.length > lengthMax || acceptEncoding === null) return false
  return version === undefined && acceptsGzip(acceptEncoding)
}

/** `gzip;q=0` refuses it (RFC 9110, 12.5.3). */
export function acceptsGzip(acceptEncoding: string): boolean {
  const codings = new Map(
    acceptEncoding.split(',').map((part) => {
      const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
      const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, '')
      return [name, weight === undefined ? 1 : Number(weight)]
    }),
  )
  return (codings.get('gzip') ?? codings.get('x-gzip') ?? codings.get('*') ?? 0) > 0
}
