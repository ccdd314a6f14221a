// Reads the stored bytes of a file once, for its hash and its type: what is said of a file is true of what the store has.

import { createHash } from 'node:crypto'
import type { TenantFiles } from '@dotdo/service'
import type { StoredFile } from './stored-file.ts'
import { detectType, headBytes } from './detect-type.ts'
import { readRange, totalOf } from './stored-file.ts'

export async function examineFile(
  files: TenantFiles,
  id: string,
  { parts, claimedType }: { readonly parts: readonly number[]; readonly claimedType: string },
): Promise<Pick<StoredFile, 'hash' | 'mediaType'>> {
  const hash = createHash('sha256')
  let head = new Uint8Array(0)
  for await (const bytes of readRange(files, id, { parts, range: { start: 0, end: totalOf(parts) } })) {
    hash.update(bytes)
    if (head.length < headBytes) head = joined(head, bytes.subarray(0, headBytes - head.length))
  }
  return { hash: hash.digest('hex'), mediaType: await detectType(head, claimedType) }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
