// A call to read that came in a message, as the call that is answered. What it lacks is refused where it is answered.

import { type RemotePipeline, type RemoteRead, unreachable } from 'digital-objects'
import type { Caller, ReadCall } from './call.ts'

export function remoteToRead(remote: RemoteRead | RemotePipeline, caller: Caller): ReadCall {
  const { noun = '', parameters } = remote
  if (remote.kind === 'pipeline') {
    const pipeline = { read: 'pipeline', noun, parameters, steps: remote.steps } as const
    return { ...caller, ...pipeline, ...(remote.read === 'get' ? { id: remote.id ?? '' } : {}) }
  }
  const { read, id = '' } = remote
  switch (read) {
    case 'find':
    case 'count':
      return { ...caller, read, noun, parameters }
    case 'get':
    case 'history':
    case 'diff':
      return { ...caller, read, noun, id, parameters }
    case 'events':
    case 'status':
      return { ...caller, read, parameters }
    case 'event':
      return { ...caller, read, id }
    default:
      return unreachable(read)
  }
}
