// Requests to fuzz with: those that are right by construction, and hostile ones.

import fc from 'fast-check'
import type { FuzzRequest } from './raw-http.ts'

/** Entities that are there and stay there. */
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

export function anyRequest(canary: string, known: Known): fc.Arbitrary<FuzzRequest> {
  return fc.oneof(
    { weight: 2, arbitrary: rightRequest(canary, known) },
    { weight: 3, arbitrary: hostileRequest(known) },
  )
}
