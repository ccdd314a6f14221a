// Writes of many entities of one Noun. As many as a commit holds are one commit, all of them or none. More are several
// commits: of a list one after another, and of a filter's choice a job of the server, which is awaited.

import { bodyCharactersMax, isObject, type ObjectEvent } from 'digital-objects'
import { type CallSite, errorAt } from '../base/call-site.ts'
import { checkOptions } from '../base/check-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { type DryRun, type Refusal, registerPlan } from '../calls/dry-run.ts'
import { toAt } from '../calls/happened-at.ts'
import { toJsonText } from '../calls/json-text.ts'
import { makeKey } from '../calls/make-key.ts'
import { parseDryRun, unexpectedAnswer } from '../calls/parse-answer.ts'
import { endOfJob, jobIn } from '../calls/server-job.ts'
import type { Session } from '../calls/session.ts'
import type { EntityCalls } from './entity-calls.ts'
import type { CreateManyOptions, EachRow, ManyOptions, ManyResult, RowRefusal, Rows } from './entity-methods.ts'
import type { Data } from './entity-writer.ts'

const manyMax = 10_000
/** The server's limit of changes in a commit. */
const commitChangesMax = 1_000
/** Room in a body for the names around its rows. */
const bodyCharacters = bodyCharactersMax - 1_000

const manyOptions = {
  at: 'time',
  dryRun: 'boolean',
  force: 'string',
  idempotencyKey: 'string',
  signal: 'signal',
} as const
const createOptions = { ...manyOptions, atomic: 'boolean', each: 'function' } as const
const none: ManyResult = { commits: [], matched: 0, changed: 0, ids: [] }

type Options = Omit<ManyOptions, 'dryRun'> & { readonly dryRun?: boolean | undefined }
type CreateOptions = Options & Pick<CreateManyOptions<Data>, 'atomic' | 'each'>
type Method = 'createMany' | 'updateMany' | 'deleteMany'

interface Sending {
  readonly method: Method
  readonly body: string
  readonly key: string
  readonly options: Options
}

/** Writes of one call, whose line is `site`. The module is loaded by the first of them, since few pages write so much. */
export class ManyWriter {
  readonly #calls: EntityCalls<Session>
  readonly #site: CallSite

  constructor(calls: EntityCalls<Session>, site: CallSite) {
    this.#calls = calls
    this.#site = site
  }

  /** Takes no more rows than fit into the next commit before the previous one is made. */
  async createMany(rows: Rows<Data>, options: CreateOptions = {}): Promise<ManyResult | DryRun<ManyResult>> {
    const site = this.#site
    const what = this.#checked('createMany', options, createOptions)
    if (!isIterable(rows)) throw errorAt(noList(what, rows), site)
    if (Array.isArray(rows) && rows.length > manyMax) throw errorAt(tooMany(what, `got ${rows.length}`), site)
    const key = options.idempotencyKey ?? makeKey()
    let done = none
    let taken = 0
    for await (const chunk of chunksOf(rows, { what, each: options.each })) {
      taken += chunk.texts.length
      if (taken > manyMax) throw errorAt(tooMany(what, `got more, of which ${done.matched} were written`), site)
      if (options.dryRun === true && chunk.kind === 'full') throw errorAt(tooManyToTry(what), site)
      const sending = { method: 'createMany', key: `${key}.${done.matched}`, options } as const
      const body = bodyOf(chunk, options.atomic)
      if (chunk.texts.length > 0) {
        const answer = await this.#send({ ...sending, body }, (error) => placed(error, { what, written: done.matched }))
        if (options.dryRun === true) return tried(answer)
        done = sum(done, await this.#end(answer, { what, options }))
      }
      // The rows before an error of the source are written.
      if (chunk.kind === 'failed') throw chunk.error
    }
    return done
  }

  updateMany(which: unknown, data: Data, options: Options = {}): Promise<ManyResult | DryRun<ManyResult>> {
    const what = this.#checked('updateMany', options)
    return this.#change('updateMany', which, { set: jsonOf(data, what), options })
  }

  deleteMany(which: unknown, options: Options = {}): Promise<ManyResult | DryRun<ManyResult>> {
    this.#checked('deleteMany', options)
    return this.#change('deleteMany', which, { set: undefined, options })
  }

  /** `which` is a filter or a list of ids. */
  async #change(
    method: Method,
    which: unknown,
    { set, options }: { readonly set: string | undefined; readonly options: Options },
  ): Promise<ManyResult | DryRun<ManyResult>> {
    const site = this.#site
    const what = this.#calls.called(method)
    const key = options.idempotencyKey ?? makeKey()
    const rest = set === undefined ? '' : `,"set":${set}`
    const sendIds = (ids: readonly string[]): Promise<unknown> =>
      this.#send({ method, body: `{"ids":${JSON.stringify(ids)}${rest}}`, key: `${key}.${ids[0]}`, options })
    const end = (answer: unknown): Promise<ManyResult> => this.#end(answer, { what, options })
    if (Array.isArray(which)) {
      if (which.length > manyMax) throw errorAt(tooMany(what, `got ${which.length}`), site)
      if (options.dryRun === true) return tried(await sendIds(which))
      return inCommits(which.map(String), async (ids) => end(await sendIds(ids)))
    }
    if (!isObject(which)) throw errorAt(noChoice(what, which), site)
    const { text, links } = toJsonText(which, { what, code: 'invalid_filter', isUndefinedRefused: true })
    if (links.length > 0) throw errorAt(pendingValue(what), site)
    const answer = await this.#send({ method, body: `{"filter":${text}${rest}}`, key, options })
    return options.dryRun === true ? tried(answer) : end(answer)
  }

  async #send(
    { method, body, key, options }: Sending,
    toError: (error: unknown) => unknown = (error) => error,
  ): Promise<unknown> {
    const noun = this.#calls.schema.name
    const trial = options.dryRun === true ? { isDryRun: true as const } : {}
    const forced = options.force === undefined ? {} : { force: options.force }
    const happened = toAt(this.#calls.called(method), options.at)
    const call = {
      kind: 'write',
      noun,
      verb: method,
      body,
      idempotencyKey: key,
      ...happened,
      ...trial,
      ...forced,
    } as const
    try {
      return (await this.#calls.plan(() => ({ call }), { signal: options.signal, site: this.#site }).answer()).body
    } catch (error) {
      throw errorAt(toError(error), this.#site)
    }
  }

  /** Awaits the job that the server makes of a write beyond the limits of a commit. */
  async #end(
    answer: unknown,
    { what, options }: { readonly what: string; readonly options: Options },
  ): Promise<ManyResult> {
    const job = jobIn(answer)
    if (job === undefined) return parseMany(answer)
    try {
      const { done } = await endOfJob(this.#calls.session(), job, { what, signal: options.signal })
      return { commits: [], matched: done, changed: done, ids: [] }
    } catch (error) {
      throw errorAt(error, this.#site)
    }
  }

  #checked(method: Method, options: unknown, kinds: typeof manyOptions | typeof createOptions = manyOptions): string {
    const what = this.#calls.called(method)
    checkOptions(options, { what, kinds })
    return what
  }
}

/** Rows as JSON. After `failed` ones, their source has thrown the error. */
type Chunk = { readonly texts: readonly string[]; readonly each: readonly EachRow[] } & (
  | { readonly kind: 'full' | 'last' }
  | { readonly kind: 'failed'; readonly error: unknown }
)

/** The same rows always make the same chunks, so that a repeated call under a key finds what it has written. */
async function* chunksOf(
  rows: Rows<Data>,
  { what, each: ofRow }: { readonly what: string; readonly each: CreateOptions['each'] },
): AsyncGenerator<Chunk> {
  let texts: string[] = []
  let each: EachRow[] = []
  let index = 0
  let characters = 0
  let isOwnError = false
  try {
    for await (const row of rows) {
      isOwnError = true
      const text = jsonOf(row, what)
      const own = ofRow?.(row, index++)
      isOwnError = false
      const size = text.length + (own === undefined ? 1 : JSON.stringify(own).length)
      if (texts.length === commitChangesMax || (texts.length > 0 && characters + size >= bodyCharacters)) {
        yield { kind: 'full', texts, each }
        texts = []
        each = []
        characters = 0
      }
      texts.push(text)
      if (own !== undefined) each.push(own)
      characters += size
    }
  } catch (error) {
    if (isOwnError) throw error
    yield { kind: 'failed', texts, each, error }
    return
  }
  yield { kind: 'last', texts, each }
}

function bodyOf({ texts, each }: Chunk, atomic: boolean | undefined): string {
  const keys = each.length === 0 ? '' : `,"keys":${JSON.stringify(each.map(({ idempotencyKey }) => idempotencyKey))}`
  const hasTimes = each.some(({ at }) => at !== undefined)
  const times = hasTimes ? `,"at":${JSON.stringify(each.map(({ at = null }) => at))}` : ''
  return `{"entities":[${texts.join(',')}]${keys}${times}${atomic === undefined ? '' : `,"atomic":${atomic}`}}`
}

/** Sends as many ids at a time as one commit holds. */
async function inCommits(
  ids: readonly string[],
  send: (ids: readonly string[]) => Promise<ManyResult>,
): Promise<ManyResult> {
  let done = none
  for (let at = 0; at < ids.length; at += commitChangesMax)
    done = sum(done, await send(ids.slice(at, at + commitChangesMax)))
  return done
}

function sum(one: ManyResult, other: ManyResult): ManyResult {
  return {
    commits: [...one.commits, ...other.commits],
    matched: one.matched + other.matched,
    changed: one.changed + other.changed,
    ids: [...one.ids, ...other.ids],
    ...(other.refusals === undefined
      ? {}
      : {
          refusals: [
            ...(one.refusals ?? []),
            ...other.refusals.map((refusal) => ({ ...refusal, index: one.matched + refusal.index })),
          ],
        }),
  }
}

/** Its plan returns what the write would. */
function tried(answer: unknown): DryRun<ManyResult> {
  const { result, ...shown } = parseDryRun<unknown, ObjectEvent>(answer)
  const whole = { ...shown, result: result === null ? null : parseMany(result) }
  return registerPlan(whole, async (body) => parseMany(body))
}

function parseMany(body: unknown): ManyResult {
  if (!isObject(body) || !Array.isArray(body['ids'])) throw unexpectedAnswer('the result of many writes')
  const { commit, matched, changed, ids, refusals } = body
  return {
    commits: typeof commit === 'number' ? [commit] : [],
    matched: Number(matched),
    changed: Number(changed),
    ids: ids.map(String),
    ...(Array.isArray(refusals) ? { refusals: refusals.map(toRowRefusal) } : {}),
  }
}

/** The server names a row `entities[3]`. */
function toRowRefusal(refusal: Refusal & { readonly field: string }): RowRefusal {
  const { field, ...rest } = refusal
  return { ...rest, index: Number(/\d+/.exec(field)?.[0] ?? 0) }
}

function jsonOf(value: unknown, what: string): string {
  if (!isObject(value) || Array.isArray(value)) {
    const message = `${what} expects objects of fields, got ${Array.isArray(value) ? 'a list' : String(value)}`
    throw new HeadlesslyError({ code: 'invalid_body', field: 'body', message })
  }
  const { text, links } = toJsonText(value, { what, code: 'validation_error', isUndefinedRefused: false })
  if (links.length > 0) throw pendingValue(what)
  return text
}

/** Says which row was refused, counted from 0, and how many were written before. */
function placed(error: unknown, { what, written }: { readonly what: string; readonly written: number }): unknown {
  if (!(error instanceof HeadlesslyError)) return error
  const [, at] = /^entities\[(\d+)\]/.exec(error.field ?? '') ?? []
  if (at === undefined)
    return new HeadlesslyError({ ...error, message: error.message, detail: { ...error.detail, written } })
  const index = written + Number(at)
  const said = error.message.replace(/^entities\[\d+\]: /, '')
  return new HeadlesslyError({
    ...error,
    field: error.field?.replace(/^entities\[\d+\]\.?/, '') ?? '',
    detail: { ...error.detail, index, written },
    message: `${what}: number ${index} was refused, ${written} others were written before: ${said}`,
    cause: error,
  })
}

function isIterable(items: unknown): boolean {
  return typeof items === 'object' && items !== null && (Symbol.iterator in items || Symbol.asyncIterator in items)
}

function noList(what: string, items: unknown): HeadlesslyError {
  const message = `${what} expects a list of rows, or an iterable of them, got ${items === null ? 'null' : typeof items}`
  return new HeadlesslyError({ code: 'invalid_body', field: 'body', message })
}

function noChoice(what: string, which: unknown): HeadlesslyError {
  const message = `${what} expects a filter or a list of ids, got ${which === null ? 'null' : typeof which}`
  return new HeadlesslyError({ code: 'invalid_filter', field: 'filter', message })
}

function pendingValue(what: string): HeadlesslyError {
  const message = `${what} takes no pending values; await them first`
  return new HeadlesslyError({ code: 'invalid_body', field: 'body', message })
}

function tooMany(what: string, got: string): HeadlesslyError {
  const message = `${what} takes at most ${manyMax} at a time, ${got}`
  return new HeadlesslyError({ code: 'invalid_limit', field: 'limit', message })
}

function tooManyToTry(what: string): HeadlesslyError {
  const message = `${what}: a dry run takes what one commit holds: ${commitChangesMax} rows of ${bodyCharacters} characters together`
  return new HeadlesslyError({ code: 'invalid_limit', field: 'dryRun', message })
}
