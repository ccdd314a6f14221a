// Bytes that arrive in chunks, up to a limit.

import { joinBytes } from '@dotdo/service'
import { ObjectError } from 'digital-objects'

/** Throws an ObjectError `payload_too_large` as soon as there are more than `bytesMax`, and whatever the chunks throw. */
export async function readAtMost(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const kept: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.byteLength
    if (length > bytesMax) throw tooLarge(bytesMax)
    kept.push(chunk)
  }
  return joinBytes(kept)
}

/** Refuses a body whose declared length is too large, before its bytes arrive. */
export function checkDeclared(request: Request, bytesMax: number): void {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge(bytesMax)
}

/** The platform rejects for a body that ends early or whose chunks are malformed. */
export function incomplete(): ObjectError {
  const message = 'the body did not arrive whole: it ended early, or its chunks are malformed'
  return new ObjectError({ code: 'invalid_body', field: 'body', message })
}

function tooLarge(bytesMax: number): ObjectError {
  const message = `a body holds at most ${bytesMax} bytes`
  return new ObjectError({ code: 'payload_too_large', field: 'body', message })
}
