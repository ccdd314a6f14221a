// A file of the tenant, as the client's methods yield it.

import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Session } from '../calls/session.ts'

/** `path` is below the tenant. Code next to the data has no files. */
export function downloadFile(
  { transport, bookmark }: Session,
  { path, signal }: { readonly path: string; readonly signal?: AbortSignal | undefined },
): AsyncIterable<Uint8Array> {
  if (transport.download === undefined)
    throw new HeadlesslyError({ code: 'forbidden', field: 'export', message: 'files are not available here' })
  return transport.download({
    path,
    ...(bookmark === undefined ? {} : { bookmark }),
    ...(signal === undefined ? {} : { signal }),
  })
}
