// `$.archive`: the whole tenant as one tar file.

import type { CallOptions } from '../calls/call-options.ts'
import type { Session } from '../calls/session.ts'
import { downloadFile } from './download-file.ts'

/** Yields the file while it arrives. A file that is cut off ends with an error. */
export type Archive = (options?: CallOptions) => AsyncIterable<Uint8Array>

export function makeArchive(session: () => Session): Archive {
  return ({ signal } = {}) => downloadFile(session(), { path: 'archive', signal })
}
