// The header `Range` of a request for bytes (RFC 9110, 14.2).

import type { ByteRange } from './object-store.ts'

/**
 * Parses `bytes=0-9`, `bytes=10-` and `bytes=-8`, clipped at the end. Returns undefined for anything but a single range
 * of bytes, which a server must ignore (RFC 9110, 14.2).
 */
export function parseRange(header: string | null, size: number): ByteRange | 'outside' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const suffix = Math.min(Number(last), size)
    return suffix === 0 ? 'outside' : { start: size - suffix, end: size }
  }
  const start = Number(first)
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  if (last !== '' && Number(last) < start) return undefined
  return start >= size ? 'outside' : { start, end }
}
