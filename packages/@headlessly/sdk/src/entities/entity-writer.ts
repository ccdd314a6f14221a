// Writes of one Noun's entities. Each plans one call, which is sent with its tick whether or not it is awaited.

import { isObject } from 'digital-objects'
import { checkOptions, type OptionKinds } from '../base/check-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { toAt } from '../calls/happened-at.ts'
import { toJsonText } from '../calls/json-text.ts'
import { linkTo } from '../calls/link-source.ts'
import { makeKey } from '../calls/make-key.ts'
import { parseDryRun } from '../calls/parse-answer.ts'
import { makePending } from '../pipeline/pending.ts'
import type { Draft, EntityCalls } from './entity-calls.ts'
import type { WriteOptions } from './entity-methods.ts'

export const writeOptions = {
  ifVersion: 'number',
  at: 'time',
  force: 'string',
  idempotencyKey: 'string',
  dryRun: 'boolean',
  signal: 'signal',
} as const satisfies OptionKinds

export type Data = Readonly<Record<string, unknown>>

/** Arguments, one or two, of which the last are options. */
export type Arguments = readonly [idOrData: unknown, dataOrOptions?: unknown, options?: unknown]

export interface Written {
  readonly id?: unknown
  readonly data: unknown
  readonly options: unknown
  /** Options given as the second argument, where data is easily passed by mistake. */
  readonly isOptionsChecked?: true
}

export class EntityWriter {
  readonly #calls: EntityCalls
  readonly #kinds: OptionKinds

  /** `kinds` are the options that each write takes. */
  constructor(calls: EntityCalls, kinds: OptionKinds = writeOptions) {
    this.#calls = calls
    this.#kinds = kinds
  }

  /** Performs a verb, whichever way its entity is given. */
  perform(verb: string, [first, second, third]: Arguments): object {
    if (typeof first === 'string' || linkTo(first) !== undefined)
      return this.write(verb, { id: first, data: second, options: third })
    if (typeof first !== 'object' || first === null) return this.write(verb, { id: first, data: first, options: third })
    const { id, $id, ...data } = first as Data
    return this.write(verb, { id: id ?? $id, data, options: second, isOptionsChecked: true })
  }

  /** Returns the pending entity, or the promise of what a dry run shows. */
  write(verb: string, given: Written): object {
    const planned = this.#calls.plan(() => this.draft(verb, given), { signal: signalIn(given.options) })
    const answer = planned.answer()
    if (isDryRun(given.options)) return answer.then(({ body }) => parseDryRun(body))
    return makePending(
      {
        ...this.#calls.shared(verb),
        own: { planned, path: [], value: async () => (await answer).body },
        pipeline: () => ({
          read: 'get',
          id: '',
          parameters: {},
          links: [{ to: planned, path: ['$id'], into: 'id', at: [] }],
          signal: planned.signal,
          steps: [],
        }),
      },
      [],
    )
  }

  /** Throws a HeadlesslyError if the write cannot be sent. */
  draft(verb: string, { id, data, options, isOptionsChecked }: Written): Draft {
    const what = this.#calls.called(verb)
    const stray = isOptionsChecked === true && isObject(options) ? strayOf(options) : undefined
    // The caller would believe that the option is written as a field.
    if (stray !== undefined) throw strayOption(what, stray)
    checkOptions(options, { what, kinds: this.#kinds, code: 'invalid_body' })
    const { ifVersion, idempotencyKey = makeKey(), at, force } = toData(options) as WriteOptions
    const { schema } = this.#calls
    const creates = verb === 'create' || schema.verbs[verb]?.effect.creates === true
    const { target, link = [] } = id === undefined && creates ? { target: {} } : this.#calls.addressed(verb, id)
    const { text, links } = toJsonText(toData(data), { what, code: 'validation_error', isUndefinedRefused: false })
    return {
      call: {
        kind: 'write',
        noun: schema.name,
        verb,
        body: text,
        idempotencyKey,
        ...target,
        ...(ifVersion === undefined ? {} : { ifVersion }),
        ...toAt(what, at),
        ...(force === undefined ? {} : { force }),
        ...(isDryRun(options) ? { isDryRun: true as const } : {}),
      },
      links: [...links.map((one) => ({ ...one, into: 'body' as const })), ...link],
    }
  }
}

export function signalIn(options: unknown): AbortSignal | undefined {
  const isSignal = typeof options === 'object' && options !== null && 'signal' in options
  return isSignal && options.signal instanceof AbortSignal ? options.signal : undefined
}

function isDryRun(options: unknown): boolean {
  return isObject(options) && options['dryRun'] === true
}

function strayOf(options: object): string | undefined {
  return Object.keys(options).find((name) => !Object.hasOwn(writeOptions, name))
}

function strayOption(called: string, field: string): HeadlesslyError {
  const message = `${called} expects (id, data, options) or ({ id, ...data }, options), got '${field.slice(0, 64)}' in options`
  return new HeadlesslyError({ code: 'invalid_body', field, message })
}

/** Absent data counts as empty. */
function toData(value: unknown): Data {
  if (value === undefined) return {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Data
  const message = `expected an object of fields, got ${Array.isArray(value) ? 'a list' : String(value).slice(0, 64)}`
  throw new HeadlesslyError({ code: 'invalid_body', field: 'body', message })
}
