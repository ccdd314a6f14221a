// `$.flags`: feature flags and variants of experiments, for a person or a visitor.

import type { JsonValue } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import type { Session } from '../calls/session.ts'

/** The person or visitor. The first of `userId`, `contact` and `anonymousId` is what a value sticks to. */
export interface FlagSubject {
  /** The id of an entity, such as a contact. */
  readonly contact?: string | undefined
  /** The identifier of the person in your application. */
  readonly userId?: string | undefined
  readonly anonymousId?: string | undefined
  /** What your application knows of the person. */
  readonly properties?: Readonly<Record<string, JsonValue>> | undefined
}

export interface FlagValue {
  readonly key: string
  readonly value: JsonValue
  readonly reason: 'off' | 'experiment' | 'rule' | 'rollout' | 'default'
  /** The key of the variant that gave the value. */
  readonly variant?: string
}

export interface Assignment {
  /** The id of the experiment. */
  readonly experiment: string
  /** The key of the variant; null if the subject takes no part. */
  readonly variant: string | null
  readonly value?: JsonValue
  readonly content?: JsonValue
  readonly reason: 'assigned' | 'paused' | 'winner' | 'not_allocated' | 'not_running' | 'no_unit'
  /** Whether this call recorded the exposure. */
  readonly isFirst: boolean
}

export interface Flags {
  /** Evaluates one flag. Rejects with `not_found` if there is none with the key. */
  get(key: string, subject?: FlagSubject, options?: CallOptions): Promise<FlagValue>
  /** Evaluates all flags: the value of each by its key. */
  all(subject?: FlagSubject, options?: CallOptions): Promise<Readonly<Record<string, JsonValue>>>
  /** Returns the variant of an experiment, and records once that the subject has seen it. */
  assign(experiment: string, subject: FlagSubject, options?: CallOptions): Promise<Assignment>
}

export function makeFlags(session: () => Session): Flags {
  const read = async (
    name: 'flag' | 'flags',
    subject: FlagSubject,
    of: { id?: string } & CallOptions,
  ): Promise<object> => {
    const { properties, ...identifiers } = subject
    const given = Object.entries(identifiers).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const parameters = {
      ...Object.fromEntries(given),
      ...(properties === undefined ? {} : { properties: JSON.stringify(properties) }),
    }
    const { signal, ...named } = of
    return objectOf((await session().send({ kind: 'read', read: name, parameters, ...named }, signal)).body)
  }
  return Object.freeze<Flags>({
    // The rest of these bodies is the server's own.
    get: async (id, subject = {}, options = {}) => (await read('flag', subject, { ...options, id })) as FlagValue,
    async all(subject = {}, options = {}) {
      const { flags } = (await read('flags', subject, options)) as { flags: Record<string, JsonValue> }
      return flags
    },
    async assign(experiment, subject, { signal } = {}) {
      const body = JSON.stringify({ experiment, ...subject })
      const call = { kind: 'write', verb: 'assignments.create', noun: '', body } as const
      return objectOf((await session().send(call, signal)).body) as Assignment
    },
  })
}

function objectOf(body: unknown): object {
  if (typeof body === 'object' && body !== null && '$type' in body) return body
  throw new HeadlesslyError({ code: 'unexpected_answer', message: 'expected flags from the server' })
}
