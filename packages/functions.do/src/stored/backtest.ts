// A back-test: runs a stored function over events of the past, one after another, and answers with what each run would have
// done. Nothing is written and nothing is sent. Reads of the function see the tenant as it is now.

import { ask, type ServiceAnswer, type ServiceRequest, type ServiceRoute } from '@dotdo/service'
import {
  isPlainObject,
  type JsonValue,
  type ObjectEvent,
  ObjectError,
  parseDatetime,
  parseExactJson,
  tryParseJson,
} from 'digital-objects'
import { readRunFacts } from '../run/run-facts.ts'
import { type RunParts, runProgram } from '../run/run-program.ts'
import type { Sandbox, SandboxJob } from '../sandbox/sandbox.ts'
import { askFunction } from './ask-tenant.ts'
import { parametersOf } from './function-routes.ts'
import { Outgoing, parseHosts } from './outgoing.ts'
import { type VerbForms, verbsOf } from './verb-forms.ts'

const limitByDefault = 20
const limitMax = 50
/** No further run begins after it; the cursor continues. */
const msMax = 8_000
/** Events of one run that are shown. */
const shownEventsMax = 20

type Fields = Readonly<Record<string, JsonValue>>

/** `before` is the verb; `after` says whether the function gets the entity. */
type Replayed =
  | { readonly kind: 'before'; readonly pattern: string; readonly verb: string }
  | { readonly kind: 'after'; readonly pattern: string; readonly isOfVerb: boolean }

export function backtestRoute<B extends ServiceRequest['bindings']>(
  open: (request: ServiceRequest<B>) => Promise<RunParts>,
): ServiceRoute<B> {
  return {
    path: '/functions/{name}/backtest',
    method: 'POST',
    about: 'Runs a stored function over past events, and answers with what it would have done.',
    answer: async (request) => {
      parametersOf(request, [])
      const answer = backtest(await open(request), request)
      request.waitUntil(answer.catch(() => {}))
      return answer
    },
  }
}

async function backtest(parts: RunParts, request: ServiceRequest): Promise<ServiceAnswer> {
  const asked = parseBacktest(await request.body())
  const stored = await askFunction(request, request.parameters['name'] ?? '')
  const replayed = await replayedBy(request, stored['on'])
  const { definitions } = await readRunFacts(request)
  const { tenant, context } = request
  const { code = stored['source'], hash, secrets } = stored
  const names = Array.isArray(secrets) ? secrets.map(String) : []
  const job: SandboxJob = {
    code: String(code),
    isHandler: true,
    warmKey: `${tenant} ${String(hash)} back-test`,
    definitions,
    tenant,
    endpoint: context.slice(0, -`/~${tenant}`.length),
    ...(names.length === 0 ? {} : { secrets: Object.fromEntries(names.map((name) => [name, `{secret ${name}}`])) }),
  }
  const startedMs = Date.now()
  let after = asked.after ?? (await lastBefore(request, asked.sinceMs))
  const page = await eventsAfter(request, { after, type: replayed.pattern, limit: asked.limit })
  const results: JsonValue[] = []
  for (const event of page.events.slice(0, asked.limit)) {
    if (Date.now() - startedMs > msMax) break
    results.push(await replay(parts, { request, replayed, event, job, origins: parseHosts(stored['hosts']) }))
    after = event.seq
  }
  const hasMore = results.length < page.events.length || page.hasMore
  return { ok: true, body: JSON.stringify({ results, hasMore, cursor: hasMore ? String(after) : null }) }
}

/** Which events the function runs for. Throws an ObjectError `conflict` for one that no event runs. */
async function replayedBy(request: ServiceRequest, on: JsonValue | undefined): Promise<Replayed> {
  if (typeof on !== 'string')
    throw new ObjectError({
      code: 'conflict',
      field: 'on',
      message: 'a back-test expects a function that runs on events',
    })
  const [, noun, form] = /^([A-Z]\w*)\.([a-z]\w*)$/.exec(on) ?? []
  if (noun === undefined) return { kind: 'after', pattern: on, isOfVerb: false }
  const forms = (await verbsOf(request, noun)).find(({ before, after }: VerbForms) => before === form || after === form)
  if (forms === undefined)
    throw new ObjectError({
      code: 'conflict',
      field: 'on',
      message: `'${noun}' has no form '${String(form)}' any more`,
    })
  const pattern = `${noun}.${forms.event}`
  return forms.before === form
    ? { kind: 'before', pattern, verb: forms.verb }
    : { kind: 'after', pattern, isOfVerb: true }
}

interface ReplayRun {
  readonly request: ServiceRequest
  readonly replayed: Replayed
  readonly event: ObjectEvent
  readonly job: SandboxJob
  readonly origins: readonly string[]
}

async function replay({ sandbox, turns }: RunParts, run: ReplayRun): Promise<JsonValue> {
  const { request, replayed, event, job, origins } = run
  const outgoing = new Outgoing({
    origins,
    secrets: job.secrets ?? {},
    readSecret: () => Promise.resolve(undefined),
    send: () => Promise.reject(new Error('a back-test sends nothing')),
    key: '',
    isDry: true,
  })
  const dry: Sandbox = {
    run: (given, openCalls) => sandbox.run(given, () => ({ ...openCalls(), outside: outgoing.send })),
  }
  const key = `backtest-${crypto.randomUUID()}`
  const answer = await runProgram(
    { sandbox: dry, turns },
    {
      job: { ...job, given: [...givenOf(replayed, event)], nowMs: Date.parse(event.timestamp) },
      request,
      isDryRun: true,
      key: { key, request: key },
    },
  )
  const { id, type, target, timestamp } = event
  const requests = outgoing.requests.map(({ method, url, error }) => ({
    method,
    url,
    ...(error === undefined ? {} : { error }),
  }))
  return {
    event: id,
    type,
    target,
    timestamp,
    ...outcomeOf(replayed, event, answer),
    ...(requests.length === 0 ? {} : { requests }),
  }
}

/** The first and third argument of the function. */
function givenOf(replayed: Replayed, event: ObjectEvent): readonly [JsonValue, JsonValue] {
  // An event is JSON.
  const whole = event as unknown as JsonValue
  const data = event.data as unknown as Fields
  const now = event.timestamp
  if (replayed.kind === 'after') return replayed.isOfVerb ? [data, { event: whole, now }] : [whole, { now }]
  const { verb } = replayed
  const isMade = event.version === 1
  const entity = { $type: String(data['$type']), ...(isMade ? {} : { $id: event.target }), ...fieldsOf(data) }
  const info = { verb, actor: event.actor, now, ...(isMade ? {} : { previous: previousOf(event) }) }
  return [entity, info]
}

function fieldsOf(data: Fields): Fields {
  return Object.fromEntries(Object.entries(data).filter(([name]) => !name.startsWith('$')))
}

function previousOf({ data, changes }: ObjectEvent): Fields {
  const before = Object.entries(changes ?? {}).map(([name, change]) => [name, change.from] as const)
  const all = { ...fieldsOf(data), ...Object.fromEntries(before) }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) as Fields
}

function outcomeOf(replayed: Replayed, event: ObjectEvent, answer: ServiceAnswer): Readonly<Record<string, JsonValue>> {
  if (!answer.ok) return { ok: false, error: answer.error.message, logs: [] }
  const body = tryParseJson(answer.body)
  const {
    refusals,
    events,
    result,
    logs = [],
  } = (isPlainObject(body) ? body : {}) as Readonly<Record<string, JsonValue>>
  const [refusal] = Array.isArray(refusals) ? refusals : []
  if (isPlainObject(refusal) && isPlainObject(refusal['problem'])) {
    const { detail = '', line } = refusal['problem'] as Fields
    return { ok: false, error: detail, ...(line === undefined ? {} : { line }), logs }
  }
  const written = Array.isArray(events) ? events : []
  if (replayed.kind === 'after') {
    const shown = written.slice(0, shownEventsMax).map((one) => shownEvent(one))
    return { ok: true, events: shown, eventCount: written.length, logs }
  }
  if (written.length > 0) return { ok: false, error: 'a function before a verb cannot write', logs }
  const data = event.data as unknown as Fields
  const named = isPlainObject(result) ? Object.entries(result as Fields) : []
  const changes = named.filter(
    ([name, value]) => !name.startsWith('$') && JSON.stringify(value) !== JSON.stringify(data[name] ?? null),
  )
  return { ok: true, changes: Object.fromEntries(changes), logs }
}

function shownEvent(event: JsonValue): JsonValue {
  const { type = null, target = null, changes = null } = isPlainObject(event) ? event : {}
  return { type, target, changes }
}

interface EventsPage {
  readonly events: readonly ObjectEvent[]
  readonly hasMore: boolean
}

async function eventsAfter(
  request: ServiceRequest,
  { after, type, limit }: { readonly after: number; readonly type?: string; readonly limit: number },
): Promise<EventsPage> {
  const parameters = { after: String(after), limit: String(limit), ...(type === undefined ? {} : { type }) }
  const { body } = await ask(request, { kind: 'read', read: 'events', parameters })
  const { results, hasMore } = isPlainObject(body) ? body : {}
  // The tenant's object wrote them.
  return {
    events: Array.isArray(results) ? (results as readonly unknown[] as readonly ObjectEvent[]) : [],
    hasMore: hasMore === true,
  }
}

/** Numbers of events and their times rise together, so the number before a time is found by halving. */
async function lastBefore(request: ServiceRequest, sinceMs: number): Promise<number> {
  const isBefore = async (seq: number): Promise<boolean> => {
    const [event] = (await eventsAfter(request, { after: seq, limit: 1 })).events
    return event !== undefined && Date.parse(event.timestamp) < sinceMs
  }
  if (!(await isBefore(0))) return 0
  let known = 0
  let step = 1
  while (await isBefore(known + step)) {
    known += step
    step *= 2
  }
  for (; step >= 1; step = Math.floor(step / 2)) if (await isBefore(known + step)) known += step
  return known + 1
}

interface Asked {
  readonly sinceMs: number
  readonly after: number | undefined
  readonly limit: number
}

const expected = 'the body expects {"since":"2026-01-01T00:00:00Z"}, or the cursor of an answer, and optionally limit'

function parseBacktest(text: string): Asked {
  const body = parseExactJson(text, {
    syntax: () => new ObjectError({ code: 'invalid_json', field: 'body', message: 'the body expects JSON' }),
    inexact: () => invalid('body', expected),
  })
  if (!isPlainObject(body)) throw invalid('body', expected)
  const { since, cursor, limit = limitByDefault, ...others } = body
  const [stray] = Object.keys(others)
  if (stray !== undefined) throw invalid(stray.slice(0, 64), expected)
  if ((since === undefined) === (cursor === undefined)) throw invalid('since', expected)
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > limitMax)
    throw invalid('limit', `limit expects a number from 1 to ${limitMax}`)
  if (cursor !== undefined) {
    if (typeof cursor !== 'string' || !/^\d{1,15}$/.test(cursor))
      throw invalid('cursor', 'cursor expects that of an answer')
    return { sinceMs: 0, after: Number(cursor), limit }
  }
  const sinceMs = typeof since === 'string' ? parseDatetime(since) : undefined
  if (sinceMs === undefined) throw invalid('since', 'since expects a timestamp such as 2026-01-01T00:00:00Z')
  return { sinceMs, after: undefined, limit }
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field, message })
}
