// Generates requests for the fuzzer: valid ones, which must succeed, and hostile ones.

import fc from 'fast-check'
import type { FuzzRequest } from './raw-http.ts'

/** Entities that exist during the whole run. */
export interface Known {
  readonly contact: string
  readonly deal: string
  readonly organization: string
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

/** Requests that are valid by construction, whatever the generated values. */
function validRequest(canary: string, known: Known): fc.Arbitrary<FuzzRequest> {
  const name = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => `${canary} ${text.replaceAll('\0', '')}`)
  const metadata = fc.option(
    fc
      .dictionary(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
        // JSON of any depth may have a key `__proto__`, which is refused.
        fc.jsonValue({ maxDepth: 3 }),
      )
      .map((value) => JSON.stringify(value))
      .filter((text) => !text.includes('__proto__'))
      .map((text) => JSON.parse(text) as object),
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
    fields.map((body) => valid('POST /Contact', 201, body)),
    fields.map((body) => valid(`PATCH /Contact/${known.contact}`, 200, body)),
    fields.map((body) => valid('POST /Contact/capture', 201, body)),
    score.map((value) => valid(`PATCH /Deal/${known.deal}`, 200, { value: Math.abs(value) })),
    fc
      .constantFrom('advance', 'win', 'lose', 'reopen', 'close')
      .map((verb) => valid(`POST /Deal/${known.deal}/${verb}`, [200, 409], {})),
    fc
      .tuple(filter, fc.integer({ min: 1, max: 100 }), fc.constantFrom('name', '-leadScore', '$id', '-$createdAt,name'))
      .map(([value, limit, sort]) =>
        valid(`GET /Contact?filter=${encodeURIComponent(JSON.stringify(value))}&limit=${limit}&sort=${sort}`, 200),
      ),
    filter.map((value) => valid(`GET /Contact/count?filter=${encodeURIComponent(JSON.stringify(value))}`, 200)),
    fc
      .constantFrom(
        `/Contact/${known.contact}`,
        `/Contact/${known.contact}?include=organization,deals`,
        `/Contact/${known.contact}/history`,
        `/Contact/${known.contact}/diff`,
        '/events?limit=10',
        '/schema/Deal',
      )
      .map((path) => valid(`GET ${path}`, 200)),
  )
}

/** `route` is a method and a path below the tenant: `POST /Contact`. */
function valid(route: string, expect: number | readonly number[], body?: object): FuzzRequest {
  const [method = '', path = ''] = route.split(' ', 2)
  return {
    method,
    path,
    expect: [expect].flat(),
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
  }
}

function hostileRequest(known: Known): fc.Arbitrary<FuzzRequest> {
  const methods = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD') },
    { weight: 1, arbitrary: fc.constantFrom('OPTIONS', 'TRACE', 'PURGE', 'PROPFIND') },
  )
  const bodies = fc.option(hostileBody, { nil: undefined })
  return fc.tuple(methods, hostilePath(known), hostileHeaders, bodies).map(([verb, path, headers, content]) => {
    // The known entities must stay, since valid requests use them.
    const method = verb === 'DELETE' && Object.values(known).some((id) => path.includes(id)) ? 'PUT' : verb
    const hasBody = content !== undefined && method !== 'GET' && method !== 'HEAD' && method !== 'TRACE'
    return {
      method,
      path,
      expect: undefined,
      body: hasBody ? content : undefined,
      headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...headers },
    }
  })
}

function hostilePath(known: Known): fc.Arbitrary<string> {
  const { contact, deal, organization } = known
  const id = fc.oneof(
    fc.constantFrom(contact, deal, organization, 'contact_000000000000', 'count', 'constructor', '__proto__'),
    hostileText,
  )
  const noun = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<string>(...nounNames) },
    { weight: 1, arbitrary: fc.constantFrom('constructor', '__proto__', 'Nope', 'events', 'schema', 'Contact/past') },
    { weight: 1, arbitrary: hostileText },
  )
  const method = fc.oneof(
    fc.constantFrom('qualify', 'qualifying', 'history', 'diff', 'rollback', 'constructor'),
    hostileText,
  )
  return fc.oneof(
    fc.tuple(noun, hostileQuery).map(([a, query]) => `/${segment(a)}${query}`),
    fc.tuple(noun, id, hostileQuery).map(([a, b, query]) => `/${segment(a)}/${segment(b)}${query}`),
    fc
      .tuple(noun, id, method, hostileQuery)
      .map(([a, b, c, query]) => `/${segment(a)}/${segment(b)}/${segment(c)}${query}`),
    fc.constantFrom('', '/', '//', '/Contact//', '/%', '/%ff', '/Contact/..', '/sqlite_master'),
    fc.constantFrom(`/${'x/'.repeat(50)}`, `/Contact/${'y'.repeat(17_000)}`),
  )
}

function segment(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

const hostileFilter = fc.oneof(
  fc.dictionary(key, hostileValue).map((value) => JSON.stringify(value)),
  hostileText.map((text) => JSON.stringify({ name: { $regex: text } })),
  fc.constant(JSON.stringify({ $or: Array.from({ length: 70 }, () => ({ leadScore: 1 })) })),
  fc.constant(JSON.stringify({ leadScore: { $in: Array.from({ length: 1_001 }, (_, at) => at) } })),
  fc.constant(`${'{"$not":'.repeat(500)}{}${'}'.repeat(500)}`),
  fc.constant(JSON.stringify({ "metadata.a'b": 1 })),
  hostileText,
)
const parameterNames = words('sort limit cursor include fields asOf count after type nope from to stage $id')
const hostileQuery = fc.oneof(
  fc.constant(''),
  hostileFilter.map((text) => `?filter=${segment(text)}`),
  fc.tuple(fc.constantFrom(...parameterNames), hostileText).map(([name, text]) => `?${name}=${segment(text)}`),
  fc.constantFrom('?%', '?a=%ff', '?name=a&name=b', `?${'a=1&'.repeat(200)}`, '?filter'),
)

const hostileBody = fc.oneof(
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

const hostileHeaders = fc.oneof(
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

export function anyRequest(canary: string, known: Known): fc.Arbitrary<FuzzRequest> {
  return fc.oneof(
    { weight: 2, arbitrary: validRequest(canary, known) },
    { weight: 3, arbitrary: hostileRequest(known) },
  )
}

function words(text: string): readonly string[] {
  return text.split(' ')
}
