// Generated requests, sane and hostile, to two tenants at once. A third of them are right by construction and must
// succeed; whatever comes, no answer is a 5xx, every refusal is a problem document that names what is wrong, no tenant
// sees a word of the other, and both are whole at the end.
//
//   node soak/fuzz.ts --base http://localhost:8787 --requests 10000 --seed 1

import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { verifyTenant } from './verify-tenant.ts'

export interface FuzzOptions {
  readonly baseUrl: string
  readonly requests: number
  readonly seed: number
}

export interface FuzzSummary {
  readonly requests: number
  readonly statuses: Readonly<Record<number, number>>
}

interface FuzzRequest {
  readonly method: string
  /** After the tenant. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
  /** The status of a request that is right. */
  readonly expect: number | undefined
}

const concurrency = 16
const answerTimeoutMs = 5_000
const canaries = ['heliotropecanary', 'quokkacanary'] as const

/** Throws at the first request that is answered as none may be, and prints it whole. */
export async function fuzz(options: FuzzOptions): Promise<FuzzSummary> {
  const { baseUrl, requests, seed } = options
  const run = Date.now().toString(36)
  const tenants = canaries.map((canary, at) => ({
    canary,
    other: canaries[1 - at] as string,
    name: `fuzz${at}-${run}`,
  }))
  const ids = await Promise.all(tenants.map(({ name, canary }) => prepare(`${baseUrl}/~${name}`, canary)))
  const { port } = new URL(baseUrl)
  const statuses: Record<number, number> = {}
  const made = tenants.map(({ canary }, at) =>
    fc.sample(anyRequest(canary, ids[at] as Known), { seed: seed + at, numRuns: Math.ceil(requests / 2) }),
  )
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < requests; at = next++) {
      const tenant = tenants[at % 2] as (typeof tenants)[number]
      const request = made[at % 2]?.[Math.floor(at / 2)] as FuzzRequest
      const answer = await send(Number(port), `/~${tenant.name}${request.path}`, request)
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
      const fault = faultOf(request, answer, tenant.other)
      if (fault !== undefined)
        throw new Error(
          `seed ${seed}, request ${at}: ${fault}\n${show(request)}\n${answer.status} ${answer.body.slice(0, 1_000)}`,
        )
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  for (const { name } of tenants) await verifyTenant({ baseUrl, tenant: name })
  return { requests, statuses }
}

function faultOf(request: FuzzRequest, answer: RawAnswer, foreign: string): string | undefined {
  if (answer.status >= 500) return 'a 5xx'
  if (answer.body.includes(foreign)) return 'a word of the other tenant'
  if (request.expect !== undefined && answer.status !== request.expect) return `expected ${request.expect}`
  // What the platform refuses before our code sees it (a broken request line) is plain text.
  if (answer.status < 400 || answer.head || !answer.isOurs) return undefined
  if (!/application\/problem\+json/i.test(answer.headers)) return 'a refusal that is no problem document'
  const problem = JSON.parse(answer.body) as {
    code?: string
    detail?: string
    field?: string
    type?: string
    id?: string
    errors?: { field?: string }[]
  }
  if (problem.code === undefined || problem.detail === undefined) return 'a problem without code or detail'
  const isNamed =
    (problem.field ?? problem.errors?.[0]?.field ?? '') !== '' ||
    ['not_found', 'verb_disabled', 'version_conflict', 'invalid_transition', 'invalid_cursor'].includes(problem.code)
  if (!isNamed && [400, 422].includes(answer.status)) return 'a problem that names no field'
  return /\bat .+\.(?:ts|js):\d+|node_modules/.test(answer.body) ? 'a stack trace' : undefined
}

interface Known {
  readonly contact: string
  readonly deal: string
  readonly organization: string
}

async function prepare(url: string, canary: string): Promise<Known> {
  const create = async (noun: string, fields: object): Promise<string> => {
    const answer = await fetch(`${url}/${noun}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    })
    return ((await answer.json()) as { $id: string }).$id
  }
  const organization = await create('Organization', { name: `${canary} org` })
  const contact = await create('Contact', { name: `${canary} contact`, organization })
  return { organization, contact, deal: await create('Deal', { name: `${canary} deal`, value: 1, contact }) }
}

const nounNames = ['Contact', 'Deal', 'Organization', 'Ticket', 'Event', 'Invoice', 'Agent', 'Message'] as const
const hostileText = fc.oneof(
  fc.constantFrom(
    '',
    '\0',
    '\ud800',
    '__proto__',
    'constructor',
    'toString',
    "'; DROP TABLE log; --",
    '" OR 1=1 --',
    '%00',
    '../../etc/passwd',
    '$where',
    '(a+)+$',
    'a'.repeat(5_000),
    '😀'.repeat(100),
    '\u202e',
    'null',
    '-0',
    '1e400',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 5 }),
)
const key = fc.oneof(
  fc.constantFrom(
    'name',
    'email',
    'stage',
    'value',
    'metadata',
    'organization',
    '$id',
    '$version',
    '__proto__',
    'constructor',
    'deals',
  ),
  hostileText,
)

/** The requests that are right: whatever the values are, they must succeed. */
function rightRequest(canary: string, known: Known): fc.Arbitrary<FuzzRequest> {
  const name = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => `${canary} ${text.replaceAll('\0', '')}`)
  const metadata = fc.option(
    fc
      .dictionary(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => text !== '__proto__'),
        fc.jsonValue({ maxDepth: 3 }),
      )
      .map((value) => JSON.parse(JSON.stringify(value)) as object),
    { nil: undefined },
  )
  const score = fc.double({ noNaN: true, noDefaultInfinity: true })
  const fields = fc.record({ name, leadScore: fc.option(score, { nil: undefined }), metadata })
  const filter = fc.constantFrom(
    { leadScore: { $gt: 1 } },
    { stage: { $in: ['Lead', 'Customer'] } },
    { name: { $regex: '(a+)+$' } },
    { $text: canary },
    { 'organization.name': { $ne: null } },
    { $or: [{ 'deals.value': { $gte: 1 } }, { $not: { status: 'Active' } }] },
    { 'metadata.a': { $exists: false } },
  )
  return fc.oneof(
    fields.map((body) => right('POST', '/Contact', 201, body)),
    fields.map((body) => right('PATCH', `/Contact/${known.contact}`, 200, body)),
    fields.map((body) => right('POST', '/Contact/capture', 201, body)),
    score.map((value) => right('PATCH', `/Deal/${known.deal}`, 200, { value })),
    fc
      .constantFrom('advance', 'win', 'lose', 'reopen', 'close')
      .map((verb) => right('POST', `/Deal/${known.deal}/${verb}`, 200, {})),
    fc
      .tuple(filter, fc.integer({ min: 1, max: 100 }), fc.constantFrom('name', '-leadScore', '$id', '-$createdAt,name'))
      .map(([value, limit, sort]) =>
        right('GET', `/Contact?filter=${encodeURIComponent(JSON.stringify(value))}&limit=${limit}&sort=${sort}`, 200),
      ),
    filter.map((value) => right('GET', `/Contact/count?filter=${encodeURIComponent(JSON.stringify(value))}`, 200)),
    fc
      .constantFrom(
        `/Contact/${known.contact}`,
        `/Contact/${known.contact}?include=organization,deals`,
        `/Contact/${known.contact}/history`,
        `/Contact/${known.contact}/diff`,
        '/events?limit=10',
        '/schema/Deal',
      )
      .map((path) => right('GET', path, 200)),
  )
}

function right(method: string, path: string, expect: number, body?: object): FuzzRequest {
  return {
    method,
    path,
    expect,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
  }
}

function hostileRequest(known: Known): fc.Arbitrary<FuzzRequest> {
  const id = fc.oneof(
    fc.constantFrom(
      known.contact,
      known.deal,
      known.organization,
      'contact_000000000000',
      'count',
      'constructor',
      '__proto__',
    ),
    hostileText,
  )
  const noun = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<string>(...nounNames) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'constructor',
        '__proto__',
        'Nope',
        'events',
        'schema',
        'Contact/past',
        'sqlite_master',
      ),
    },
    { weight: 1, arbitrary: hostileText },
  )
  const segment = (text: string): string => encodeURIComponent(text.toWellFormed())
  const filter = fc.oneof(
    fc.dictionary(key, hostileValue).map((value) => JSON.stringify(value)),
    hostileText.map((text) => JSON.stringify({ name: { $regex: text } })),
    fc.constant(JSON.stringify({ $or: Array.from({ length: 70 }, () => ({ leadScore: 1 })) })),
    fc.constant(JSON.stringify({ leadScore: { $in: Array.from({ length: 1_001 }, (_, at) => at) } })),
    fc.constant(`${'{"$not":'.repeat(500)}{}${'}'.repeat(500)}`),
    fc.constant(JSON.stringify({ "metadata.a'b": 1 })),
    hostileText,
  )
  const query = fc.oneof(
    fc.constant(''),
    filter.map((text) => `?filter=${segment(text)}`),
    fc
      .tuple(
        fc.constantFrom(
          'sort',
          'limit',
          'cursor',
          'include',
          'fields',
          'asOf',
          'count',
          'after',
          'type',
          'nope',
          'from',
          'to',
          'stage',
          '$id',
        ),
        hostileText,
      )
      .map(([name, text]) => `?${name}=${segment(text)}`),
    fc.constantFrom('?%', '?a=%ff', '?name=a&name=b', `?${'a=1&'.repeat(200)}`, '?filter'),
  )
  const path = fc.oneof(
    fc.tuple(noun, query).map(([a, q]) => `/${segment(a)}${q}`),
    fc.tuple(noun, id, query).map(([a, b, q]) => `/${segment(a)}/${segment(b)}${q}`),
    fc
      .tuple(
        noun,
        id,
        fc.oneof(fc.constantFrom('qualify', 'qualifying', 'history', 'diff', 'rollback', 'constructor'), hostileText),
        query,
      )
      .map(([a, b, c, q]) => `/${segment(a)}/${segment(b)}/${segment(c)}${q}`),
    fc.constantFrom(
      '',
      '/',
      '//',
      '/Contact//',
      '/%',
      '/%ff',
      '/Contact/..',
      `/${'x/'.repeat(50)}`,
      `/Contact/${'y'.repeat(17_000)}`,
    ),
  )
  const body = fc.oneof(
    fc.dictionary(key, hostileValue).map((value) => Buffer.from(JSON.stringify(value))),
    hostileValue.map((value) => Buffer.from(JSON.stringify(value) ?? '')),
    hostileText.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(
      Buffer.from('{"name":"\\ud800"}'),
      Buffer.from('{"name":1e400}'),
      Buffer.from('{"__proto__":{"name":"x"},"name":"y"}'),
      Buffer.from(`${'['.repeat(10_000)}${']'.repeat(10_000)}`),
      Buffer.from(`{"name":"a","metadata":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`),
      Buffer.alloc(2 * 2 ** 20, 'a'),
    ),
  )
  const header = fc.oneof(
    { weight: 5, arbitrary: fc.constant({}) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Record<string, string>>(
        { 'if-match': 'nope' },
        { 'if-match': '"999"' },
        { 'idempotency-key': 'k'.repeat(300) },
        { 'content-type': 'text/plain' },
        { 'content-encoding': 'gzip' },
        { host: 'evil.example' },
        { origin: 'https://evil.example' },
        { 'x-headlessly-bookmark': 'zzz' },
        { 'x-headlessly-bookmark': 'a.999999' },
        { accept: 'nope' },
        { 'x-big': 'b'.repeat(4_000) },
      ),
    },
  )
  const methods = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD') },
    { weight: 1, arbitrary: fc.constantFrom('OPTIONS', 'TRACE', 'PURGE', 'PROPFIND') },
  )
  return fc.tuple(methods, path, header, fc.option(body, { nil: undefined })).map(([verb, where, headers, content]) => {
    // What the right requests are about stays there.
    const method = verb === 'DELETE' && Object.values(known).some((id) => where.includes(id)) ? 'PUT' : verb
    const hasBody = content !== undefined && method !== 'GET' && method !== 'HEAD' && method !== 'TRACE'
    return {
      method,
      path: where,
      expect: undefined,
      body: hasBody ? content : undefined,
      headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...headers },
    }
  })
}

function anyRequest(canary: string, known: Known): fc.Arbitrary<FuzzRequest> {
  return fc.oneof(
    { weight: 2, arbitrary: rightRequest(canary, known) },
    { weight: 3, arbitrary: hostileRequest(known) },
  )
}

interface RawAnswer {
  readonly status: number
  readonly headers: string
  readonly body: string
  readonly head: boolean
  /** Whether it went through our Worker. */
  readonly isOurs: boolean
}

/** Over a socket of its own, since no HTTP client sends such requests. */
function send(port: number, path: string, request: FuzzRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const chunks: Buffer[] = []
    const timer = setTimeout(
      () => socket.destroy(new Error(`no answer within ${answerTimeoutMs} ms to ${show(request)}`)),
      answerTimeoutMs,
    )
    const headers = {
      host: `localhost:${port}`,
      connection: 'close',
      ...request.headers,
      ...(request.body === undefined ? {} : { 'content-length': String(request.body.length) }),
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', (error) => {
      clearTimeout(timer)
      // The server may answer and close before it has read a body that it refuses.
      if (chunks.length > 0) resolve(parse(Buffer.concat(chunks), request))
      else if (
        'code' in error &&
        (error.code === 'EPIPE' || error.code === 'ECONNRESET') &&
        (request.body?.length ?? 0) > 2 ** 20
      )
        resolve({ status: 413, headers: '', body: '', head: true, isOurs: false })
      else reject(error)
    })
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(parse(Buffer.concat(chunks), request))
    })
    socket.write(`${request.method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
    if (request.body !== undefined) socket.write(request.body)
  })
}

function parse(bytes: Buffer, request: FuzzRequest): RawAnswer {
  const text = bytes.toString('utf8')
  const end = text.indexOf('\r\n\r\n')
  const headers = text.slice(0, Math.max(end, 0))
  return {
    status: Number(headers.slice(9, 12)),
    headers,
    body: unchunk(headers, text.slice(end + 4)),
    head: request.method === 'HEAD',
    isOurs: /x-request-id|x-headlessly/i.test(headers),
  }
}

function unchunk(headers: string, body: string): string {
  if (!/transfer-encoding: chunked/i.test(headers)) return body
  return body.replaceAll(/(?:^|\r\n)[0-9a-f]+\r\n/gi, '')
}

function show(request: FuzzRequest): string {
  return `${request.method} ${request.path.slice(0, 1_000)} ${JSON.stringify(request.headers).slice(0, 500)} ${request.body?.toString('utf8').slice(0, 500) ?? ''}`
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      base: { type: 'string', default: 'http://localhost:8787' },
      requests: { type: 'string', default: '10000' },
      seed: { type: 'string' },
    },
  })
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  console.log(`seed ${seed}`)
  console.log(JSON.stringify(await fuzz({ baseUrl: values.base, requests: Number(values.requests), seed })))
}
