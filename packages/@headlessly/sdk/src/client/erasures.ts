// The part of `$.access` that erases persons.

import type { CallOptions } from '../calls/call-options.ts'
import type { Session } from '../calls/session.ts'
import { checked } from './approvals.ts'

/** An erasure of a person; its certificate, which has no values. */
export interface Erasure {
  readonly id: string
  readonly ids: readonly string[]
  readonly state: 'running' | 'done'
  readonly stage: string
  readonly askedAt: string
  readonly askedBy: string
  readonly reason?: string
  readonly finishedAt: string | null
  readonly removed: {
    readonly nouns: Readonly<
      Record<
        string,
        {
          readonly entities: number
          readonly fields: readonly string[]
          readonly versions: number
          readonly events: number
        }
      >
    >
    readonly logFiles: number
    readonly deletedFiles: number
    readonly storedTexts: number
  }
  /** The first entities that it has reached; absent in a list. */
  readonly entities?: readonly { readonly type: string; readonly id: string }[]
}

/** The entities and fields that an erasure would reach, by entity type. */
export interface ErasurePreview {
  readonly ids: readonly string[]
  readonly nouns: Readonly<Record<string, { readonly entities: number; readonly fields: readonly string[] }>>
}

export interface Erasures {
  /** Erases the personal values of a person everywhere, for good. A job does it; `erasure` tells when it has ended. */
  erase(ids: readonly string[], options?: CallOptions & { readonly reason?: string }): Promise<Erasure>
  /** Returns what the erasure would reach. */
  previewErasure(ids: readonly string[], options?: CallOptions): Promise<ErasurePreview>
  erasure(id: string, options?: CallOptions): Promise<Erasure>
  erasures(options?: CallOptions): Promise<readonly Erasure[]>
}

export function makeErasures(session: () => Session): Erasures {
  const read = async (name: string, id: string, { signal }: CallOptions) => {
    const of = id === '' ? {} : { id }
    return (await session().send({ kind: 'read', read: name, ...of, parameters: {} }, signal)).body
  }
  const post = async (verb: string, body: object, { signal }: CallOptions) =>
    (await session().send({ kind: 'write', noun: '', verb, body: JSON.stringify(body) }, signal)).body
  return {
    erase: async (ids, { reason, ...options } = {}) =>
      checked(await post('erasures.ask', { ids, reason }, options), 'id') as Erasure,
    previewErasure: async (ids, options = {}) =>
      checked(await post('erasures.preview', { ids }, options), 'nouns') as ErasurePreview,
    erasure: async (id, options = {}) => checked(await read('erasure', id, options), 'id') as Erasure,
    erasures: async (options = {}) =>
      (checked(await read('erasures', '', options), 'results') as { readonly results: readonly Erasure[] }).results,
  }
}
