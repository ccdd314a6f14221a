// The pending result of a call. It can be awaited, navigated, processed by steps, and passed to other calls, and
// everything is sent as one message.

import { type JsonException, metaFieldNames, type NounSchema, restoreExceptions } from 'digital-objects'
import type { CallSite } from '../base/call-site.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { type LinkSource, registerLink } from '../calls/link-source.ts'
import type { Link, PlannedCall } from '../calls/planned-call.ts'
import { type PendingStep, stepsToWire } from './pending-step.ts'
import { printedAs } from '../base/printed-as.ts'
import type { Session } from '../calls/session.ts'

/** The source of a value: a call that is made, or one that becomes the source of a pipeline. */
export interface PendingSource {
  readonly session: () => Pick<Session, 'plan'>
  readonly schema: NounSchema
  /** For error messages: `Contact.get`. */
  readonly what: string
  readonly site: CallSite
  /** Undefined if the call is never sent on its own. */
  readonly own?: {
    readonly planned: PlannedCall
    /** The value has no parts, like a count. */
    readonly isPlain?: true
    /** The path of the value in the body of the answer. */
    readonly path: readonly string[]
    readonly value: () => Promise<unknown>
  }
  readonly pipeline: () => PipelineSource
}

export interface PipelineSource {
  readonly read: 'find' | 'get'
  readonly id?: string
  readonly parameters: Readonly<Record<string, string>>
  readonly links: readonly Link[]
  readonly signal: AbortSignal | undefined
  /** Steps before all others. */
  readonly steps: readonly PendingStep[]
}

const listSteps = ['map', 'filter', 'flatMap', 'find', 'some', 'every', 'reduce', 'sort', 'slice'] as const
type ListStep = (typeof listSteps)[number]

/** `derived` is called when another value is derived from this one. */
export function makePending(source: PendingSource, steps: readonly PendingStep[], derived?: () => void): object {
  const value = new PendingValue(source, steps)
  // A console prints the target of a proxy.
  const target = Object.freeze(printedAs({}, () => `${source.what} is pending: await it`))
  const proxy: object = new Proxy(target, {
    get: (_, name) => {
      if (name === Symbol.toPrimitive) return () => refuseText(source.what)
      if (typeof name === 'symbol') return undefined
      if (name === 'then' || name === 'catch' || name === 'finally') return value[name].bind(value)
      if (name === 'toJSON') return undefined
      const next = nextStep(source, steps, name)
      if (next === undefined) return undefined
      const derive = (step: PendingStep): object => {
        derived?.()
        return makePending(source, [...steps, step])
      }
      return next === 'member' ? derive({ step: 'member', name }) : stepMethod(next, derive)
    },
  })
  registerLink(proxy, () => value.link())
  return proxy
}

/** Allows only names that the entity's Noun has, so that a mistyped name is undefined, as on any object. */
function nextStep(source: PendingSource, steps: readonly PendingStep[], name: string): ListStep | 'member' | undefined {
  if (steps.length === 0) return source.own?.isPlain !== true && isMember(source.schema, name) ? 'member' : undefined
  return listSteps.find((step) => step === name) ?? 'member'
}

function isMember(schema: NounSchema, name: string): boolean {
  return Object.hasOwn(schema.fields, name) || metaFieldNames.some((meta) => meta === name)
}

/** The methods that process lists; each returns the next pending value. */
export function stepMethod(step: ListStep, derive: (step: PendingStep) => object): (...given: unknown[]) => object {
  switch (step) {
    case 'slice':
      return (start, end) =>
        derive({ step, start: Number(start ?? 0), ...(end === undefined ? {} : { end: Number(end) }) })
    case 'sort':
      return (callback, given) =>
        derive({ step, given, ...(callback === undefined ? {} : { callback: asCallback(step, callback) }) })
    case 'reduce':
      return (callback, initial, given) => derive({ step, callback: asCallback(step, callback), initial, given })
    default:
      return (callback, given) => derive({ step, callback: asItemCallback(step, callback, given), given })
  }
}

type AnyCallback = (...given: never[]) => unknown

function asCallback(step: string, callback: unknown): AnyCallback {
  if (typeof callback === 'function') return callback as AnyCallback
  throw new HeadlesslyError({ code: 'unsupported_expression', field: step, message: `${step} expects a function` })
}

/** Refuses a second parameter, which would be mistaken for an index. */
function asItemCallback(step: string, callback: unknown, given: unknown): AnyCallback {
  const read = asCallback(step, callback)
  if (read.length < 2 || given !== undefined) return read
  const message = `a callback of ${step} gets a second parameter only if a value is passed after it; there is no index`
  throw new HeadlesslyError({ code: 'unsupported_expression', field: step, message })
}

class PendingValue {
  readonly #source: PendingSource
  readonly #steps: readonly PendingStep[]
  #planned: PlannedCall | undefined
  #promise: Promise<unknown> | undefined

  constructor(source: PendingSource, steps: readonly PendingStep[]) {
    this.#source = source
    this.#steps = steps
  }

  // this object is thenable on purpose
  then(fulfilled?: (value: unknown) => unknown, rejected?: (reason: unknown) => unknown): Promise<unknown> {
    this.#promise ??= this.#ask()
    return this.#promise.then(fulfilled, rejected)
  }

  catch(rejected: (reason: unknown) => unknown): Promise<unknown> {
    return this.then(undefined, rejected)
  }

  finally(settled: () => void): Promise<unknown> {
    return this.then((value) => value).finally(settled)
  }

  link(): LinkSource {
    const path = this.#plainPath()
    const { own } = this.#source
    if (own !== undefined && path !== undefined) {
      if (path.length === 0 && own.isPlain !== true) throw wholeEntity(this.#source.what)
      return { to: own.planned, path: [...own.path, ...path] }
    }
    return { to: this.#pipeline(), path: ['value'] }
  }

  /**
   * Returns names of plain fields if the entity's own answer has the value; undefined if the server has to follow
   * relations.
   */
  #plainPath(): readonly string[] | undefined {
    const { own, schema } = this.#source
    const names = this.#steps.flatMap((step) => (step.step === 'member' ? [step.name] : []))
    if (own === undefined || names.length < this.#steps.length) return undefined
    const [first] = names
    const kind = first === undefined ? undefined : schema.fields[first]?.kind
    return kind === 'reference' || kind === 'reverse' ? undefined : names
  }

  async #ask(): Promise<unknown> {
    const path = this.#plainPath()
    const { own } = this.#source
    if (own !== undefined && path !== undefined) return memberOf(await own.value(), path, this.#source.what)
    const { body } = await this.#pipeline().answer()
    return valueOf(body)
  }

  #pipeline(): PlannedCall {
    if (this.#planned !== undefined) return this.#planned
    const { session, schema, pipeline, what, site } = this.#source
    const { read, id, parameters, links, signal, steps } = pipeline()
    const call = {
      kind: 'pipeline',
      read,
      noun: schema.name,
      parameters,
      steps: stepsToWire([...steps, ...this.#steps], what),
      ...(id === undefined ? {} : { id }),
    } as const
    this.#planned = session().plan(call, { links, signal, site })
    return this.#planned
  }
}

/** Refuses conversion to a string or number, which would silently use the pending object itself. */
function refuseText(what: string): never {
  const message = `${what} is still pending: await it before using it as a string or number`
  throw new HeadlesslyError({ code: 'unsupported_expression', message })
}

function memberOf(value: unknown, path: readonly string[], what: string): unknown {
  let inner = value
  for (const name of path) {
    if (inner === null || inner === undefined) {
      const message = `${what} is empty and has no '${name}'`
      throw new HeadlesslyError({ code: 'not_found', field: name, message })
    }
    inner = Object.hasOwn(inner, name) ? (inner as Readonly<Record<string, unknown>>)[name] : undefined
  }
  return inner
}

function valueOf(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('value' in body))
    throw new HeadlesslyError({ code: 'unexpected_answer', message: 'expected the result of a pipeline' })
  // The server writes this list itself.
  return restoreExceptions(body.value, (body as { readonly exceptions?: readonly JsonException[] }).exceptions)
}

/** The server would refuse the entity without knowing what was meant. */
function wholeEntity(what: string): HeadlesslyError {
  const message = `${what} is an entity, but an id or another value is expected: use its $id`
  return new HeadlesslyError({ code: 'invalid_reference', field: '$id', message })
}
