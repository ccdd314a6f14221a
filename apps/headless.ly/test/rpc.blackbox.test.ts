// Anything that a client may send to `/~acme/rpc`: it is answered or refused promptly, and others are served meanwhile.

import { request } from 'node:http'
import { Headlessly } from '@headlessly/sdk'
import { newWebSocketRpcSession } from 'capnweb'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { useServer } from './server.ts'

const { url, tenant, call, server } = useServer()

const count = { kind: 'read', read: 'count', noun: 'Contact', parameters: {} }

/** A message as the body of a POST. */
const messageOf = (...calls: readonly unknown[]): string => JSON.stringify({ calls })
/** capnweb's call of `send` with any argument. */
const sending = (given: unknown): string => JSON.stringify(['push', ['pipeline', 0, ['send'], [given]]])
/** A frame of a session: a call with a message, and the request for its result. */
const asking = (...calls: readonly unknown[]): string => `${sending(messageOf(...calls))}\n["pull",1]`

interface Said {
  readonly status: number
  readonly text: string
}

async function post(name: string, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Said> {
  const signal = AbortSignal.timeout(10_000)
  const init = { method: 'POST', body: typeof body === 'string' ? body : new Uint8Array(body), headers, signal }
  const response = await fetch(`${url()}/~${name}/rpc`, init)
  return { status: response.status, text: await response.text() }
}

/** Collects output until the connection is quiet or closed; `status` is the close code. */
async function over(name: string, frames: readonly (string | Uint8Array)[], quietMs = 400): Promise<Said> {
  const socket = new WebSocket(`${url().replace('http', 'ws')}/~${name}/rpc`)
  const heard: string[] = []
  return new Promise((resolve) => {
    let quiet: ReturnType<typeof setTimeout>
    const settle = (status: number): void => {
      clearTimeout(quiet)
      socket.close()
      resolve({ status, text: heard.join('\n') })
    }
    const wait = (): void => {
      clearTimeout(quiet)
      quiet = setTimeout(() => settle(0), quietMs)
    }
    socket.addEventListener('open', () => {
      for (const frame of frames) socket.send(typeof frame === 'string' ? frame : new Uint8Array(frame))
      wait()
    })
    socket.addEventListener('message', ({ data }) => {
      heard.push(String(data))
      wait()
    })
    socket.addEventListener('close', ({ code }) => settle(code))
  })
}

/** Returns the status for a WebSocket upgrade from a page of this origin. */
async function upgrade(name: string, origin: string): Promise<number | undefined> {
  const headers = {
    origin,
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
    'sec-websocket-version': '13',
  }
  return new Promise((resolve, reject) => {
    const asked = request(`${url()}/~${name}/rpc`, { headers })
    asked.on('error', reject)
    asked.on('response', (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode)
    })
    asked.end()
  })
}

/** Checks that the server serves others at once. */
async function isServing(): Promise<void> {
  const startMs = performance.now()
  expect((await call('GET', `/~${tenant()}/Contact`)).status).toBe(200)
  expect(performance.now() - startMs).toBeLessThan(2_000)
}

function expectNoFault({ status, text }: Said, what: string): void {
  // capnweb closes the connection of a session that it ends with 3000.
  if (status !== 3_000) expect(status, `${what}: ${text.slice(0, 300)}`).toBeLessThan(500)
  expect(text, what).not.toContain('internal_error')
  expect(text, what).not.toMatch(/\bat .*\(?\w+\.(?:js|ts):\d+/)
  expect(text.length, what).toBeLessThan(2_000_000)
}

/** Nested map instructions, each over every item of the captured list. */
function bomb(depth: number): unknown[] {
  return depth === 0 ? [1] : [['remap', -1, [], [['import', -1]], bomb(depth - 1)]]
}

const list = [Array.from({ length: 100 }, () => 0)]
const exotic: Readonly<Record<string, readonly string[]>> = {
  'no line': [''],
  'no JSON': ['nonsense'],
  'no message': ['{}', 'null', '[]', '["nonsense",1]', '5'],
  'a pull without a push': ['["pull",7]', '["pull",-1]', '["pull",1e300]', '["pull","__proto__"]'],
  'a release of an unknown export': ['["release",5,1]', '["release",0,100]', '["release",0,1]'],
  'an answer to an unknown question': ['["resolve",0,1]', '["reject",0,["error","Error","x"]]', '["resolve",9,1]'],
  'an unknown method': ['["push",["pipeline",0,["delete"],[1]]]\n["pull",1]'],
  'inherited properties': [
    ...['constructor', '__proto__', 'toString', 'hasOwnProperty', '#parts'].map(
      (name) => `["push",["pipeline",0,["${name}"],["return 1"]]]\n["pull",1]`,
    ),
    '["push",["pipeline",0,["send","constructor","constructor"],["return 1"]]]\n["pull",1]',
    '["push",["pipeline",0,["send","__proto__"]]]\n["pull",1]',
    '["push",["pipeline",0]]\n["pull",1]',
    '["push",["import",0]]\n["pull",1]',
  ],
  'a function as an argument': [
    `${sending(['export', -1])}\n["pull",1]`,
    `${sending({ calls: ['export', -1] })}\n["pull",1]`,
  ],
  'a promise as an argument': [
    `${sending(['promise', -1])}\n["pull",1]`,
    `${sending({ calls: ['promise', -2] })}\n["pull",1]`,
  ],
  'the session itself as an argument': [
    `${sending(['pipeline', 0])}\n["pull",1]`,
    `${sending(['import', 0])}\n["pull",1]`,
  ],
  'its own result as an argument': [`${sending(['pipeline', 1])}\n["pull",1]`],
  'values that are not strings': [
    ...[
      ['bigint', '9'.repeat(1_000)],
      ['date', 1],
      ['bytes', 'AAAA'],
      ['nan'],
      ['undefined'],
      ['error', 'Error', 'x'],
    ].map((value) => `${sending(value)}\n["pull",1]`),
    `${sending({ calls: [[count]] })}\n["pull",1]`,
    '["push",["pipeline",0,["send"],["{}",["export",-1]]]]\n["pull",1]',
    '["push",["pipeline",0,["send"],["{}"],[]],["export",-1]]\n["pull",1]',
    `${sending(['request', 'http://127.0.0.1/', {}])}\n["pull",1]`,
    `${sending(['response', null, {}])}\n["pull",1]`,
    `${sending(['url', 'http://x/'])}\n["pull",1]`,
  ],
  'streams and pipes': [
    '["pipe"]\n["push",["readable",1]]\n["pull",2]',
    '["stream",["pipeline",0,["send"],[{}]]]',
    '["push",["writable",-1]]',
  ],
  'a map over a list': [
    `${JSON.stringify(['push', list])}\n${JSON.stringify(['push', ['remap', 1, [], [['import', 1]], bomb(4)]])}\n["pull",2]`,
  ],
  'a map in another notation': [
    `${JSON.stringify(['push', list])}\n${JSON.stringify(['push', ['remap', 1, [], [['import', 1]], bomb(4)]]).replaceAll('remap', String.raw`\u0072emap`)}\n["pull",2]`,
  ],
  'lists in lists': [
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    sending(JSON.parse(`${'[['.repeat(400)}${']]'.repeat(400)}`)),
  ],
  'objects in objects': [`["push",["pipeline",0,["send"],[${'{"calls":'.repeat(50_000)}1${'}'.repeat(50_000)}]]]`],
  'inherited property names': [
    `${sending('{"__proto__":{"calls":[1]},"calls":[{"__proto__":1,"constructor":2}]}')}\n["pull",1]`,
    asking({ ...count, references: [{ call: 0, path: ['__proto__'], into: '__proto__', at: ['__proto__'] }] }),
  ],
}

test.each(Object.entries(exotic))(
  '%s is answered or refused, over both transports, and harms nobody',
  async (what, bodies) => {
    const name = tenant()
    const said = bodies.map(async (body) => {
      expectNoFault(await post(name, body), `${what}: ${body.slice(0, 200)}`)
      expectNoFault(await over(name, [body]), `${what}: ${body.slice(0, 200)}`)
    })
    await isServing()
    await Promise.all(said)
    await isServing()
  },
)

test('a valid message is accepted in every notation', async () => {
  const name = tenant()
  expect(await post(name, messageOf(count))).toMatchObject({
    status: 200,
    text: expect.stringMatching(/count.*:0}"]$/),
  })
  const right = asking(count)
  const spaced = right.replaceAll('",', '" , ').replaceAll('send', String.raw`\u0073end`)
  for (const frames of [[right], right.split('\n'), [spaced]])
    expect(await over(name, frames)).toMatchObject({ text: expect.stringContaining('{\\"count\\":0}') })
})

test("capnweb's own client, which sends one message per frame, is answered", async () => {
  using session = newWebSocketRpcSession<{ send(text: string): Promise<string[]> }>(
    `${url().replace('http', 'ws')}/~${tenant()}/rpc`,
  )
  const [[first], [second]] = await Promise.all([session.send(messageOf(count)), session.send(messageOf(count))])
  expect(first).toMatch(/^{"ok":true.*\n{"count":0}$/)
  expect(second).toBe(first)
})

test('an invalid message is refused as a whole, in the same way over both transports', async () => {
  const name = tenant()
  const refusals = {
    '': 'body',
    nonsense: 'body',
    null: 'body',
    '5': 'body',
    '{}': 'calls',
    '{"calls":{}}': 'calls',
    '{"calls":[],"bookmark":1}': 'bookmark',
    '{"calls":[],"via":"rest"}': 'via',
    '{"calls":[],"via":null}': 'via',
    [`{"calls":${'['.repeat(50_000)}${']'.repeat(50_000)}}`]: 'calls[0]',
  }
  for (const [body, field] of Object.entries(refusals)) {
    const posted = await post(name, body)
    expect(posted.status).toBe(200)
    const [answer, ...others] = JSON.parse(posted.text) as string[]
    expect(others).toEqual([])
    expect(JSON.parse(answer ?? ''), body.slice(0, 50)).toMatchObject({
      ok: false,
      problem: { code: 'invalid_body', field, status: 400 },
    })
    const { text } = await over(name, [`${sending(body)}\n["pull",1]`])
    expect(text).toContain(`\\"field\\":\\"${field}\\"`)
  }
})

test('an unreadable body gets a problem document over HTTP', async () => {
  const name = tenant()
  expect(await post(name, new Uint8Array([0xff, 0xfe, 0x00]))).toMatchObject({ status: 400 })
  expect((await call('GET', `/~${name}/rpc`)).body).toMatchObject({ code: 'method_not_allowed', status: 405 })
})

test('a WebSocket session ends with a reason when it exceeds a limit, while others are served', async () => {
  const name = tenant()
  const endMs = 10_000
  const asks = (at: number): string => `${sending(messageOf(count))}\n["pull",${at + 1}]`
  const [binary, huge, many, kept, freed] = await Promise.all([
    over(name, [new Uint8Array([1, 2, 3])], endMs),
    over(name, [`["push","${'x'.repeat(2 ** 23 + 10_000)}"]`], endMs),
    over(name, [Array.from({ length: 20_000 }, () => sending('')).join('\n')], endMs),
    over(
      name,
      Array.from({ length: 300 }, (_, at) => asks(at)),
      endMs,
    ),
    // Releasing nothing does not make room for another answer.
    over(
      name,
      Array.from({ length: 300 }, (_, at) => `${asks(at)}\n["release",${at + 1},0]`),
      endMs,
    ),
  ])
  await isServing()
  expect(binary).toMatchObject({ status: 3000, text: expect.stringContaining('a frame expects text') })
  expect(huge).toMatchObject({ status: 3000, text: expect.stringContaining('at most') })
  expect(many).toMatchObject({ status: 3000, text: expect.stringContaining('1000 lines') })
  expect(kept).toMatchObject({ status: 3000, text: expect.stringContaining('256 calls') })
  expect(freed).toMatchObject({ status: 3000, text: expect.stringContaining('pull and release') })
})

test('pages of other origins can neither post nor connect', async () => {
  const name = tenant()
  const body = messageOf({ kind: 'write', noun: 'Contact', verb: 'create', body: '{"name":"Eve"}' })
  for (const origin of ['https://evil.example', 'http://localhost.evil.example', 'null', 'file://']) {
    const refused = await post(name, body, { origin })
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([403, { code: 'forbidden', field: 'Origin' }])
    expect(await upgrade(name, origin)).toBe(403)
  }
  expect((await post(name, body, { origin: 'http://localhost:5173' })).status).toBe(200)
  expect(await upgrade(name, 'http://localhost:5173')).toBe(101)
  expect((await call('GET', `/~${name}/Contact/count?strong=true`)).body).toEqual({ count: 1 })
})

test('an idempotency key follows the rule of REST, and a command cannot be part of a message', async () => {
  const name = tenant()
  const write = { kind: 'write', noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' }
  for (const idempotencyKey of ['', 'a  b', ' a', 'ä', 'a\0b', 'x'.repeat(256), 7]) {
    const { status, text } = await post(name, messageOf({ ...write, idempotencyKey }))
    expect([status, text]).toEqual([200, expect.stringContaining('calls[0].idempotencyKey expects 1 to 255')])
  }
  expect((await post(name, messageOf({ kind: 'command', command: 'lake.rebuild' }))).text).toContain('invalid_body')
  expect((await call('GET', `/~${name}/Contact/count?strong=true`)).body).toEqual({ count: 0 })
  await post(name, messageOf({ ...write, idempotencyKey: 'two words' }))
  const again = await call('POST', `/~${name}/Contact`, { name: 'Ada' }, { 'idempotency-key': 'two words' })
  expect([again.status, again.headers.get('idempotent-replay')]).toEqual([201, 'true'])
})

test('a small message that asks for too much gets a part, and the rest when it retries', async () => {
  const name = tenant()
  const text = 'x'.repeat(500_000)
  for (let made = 0; made < 30; made++) await call('POST', `/~${name}/Contact`, { name: 'Ada', metadata: { text } })
  const pid = server().pid()
  const find = (parameters: Readonly<Record<string, string>>): unknown => ({ ...count, read: 'find', parameters })
  for (const parameters of [{ strong: 'true' }, {}]) {
    const many = Array.from({ length: 100 }, () => find(parameters))
    const { status, text } = await post(name, messageOf(...many))
    const answers = JSON.parse(text) as string[]
    const done = answers.filter((answer) => answer.startsWith('{"ok":true'))
    expect([status, answers.length]).toEqual([200, 100])
    // A message has room for 12 million characters of answers, and a page 4 million.
    expect([1, 2, 3]).toContain(done.length)
    for (const answer of answers) if (!done.includes(answer)) expect(answer).toContain('overloaded')
  }
  expect(server().pid()).toBe(pid)
  const client = Headlessly({ tenant: name, endpoint: url() })
  for (const found of await Promise.all([1, 2, 3].map(() => client.Contact.find()))) expect(found).toHaveLength(30)
  const names: string[] = []
  for await (const { name } of client.Contact.find()) names.push(name)
  expect(names).toHaveLength(30)
})

/** A nearly valid message with some wrong parts. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    -1,
    1e300,
    0.5,
    '',
    'id',
    'body',
    null,
    [],
    {},
    '{"a":',
    '{"$id":{"$in":[1]}}',
  ),
)
const nearly = (right: unknown): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 40, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: anything })
const reference = fc.record({
  call: fc.oneof(fc.integer({ min: -2, max: 4 }), anything),
  path: fc.oneof(fc.array(fc.constantFrom('$id', 'results', '0', '__proto__', 'length'), { maxLength: 20 }), anything),
  into: fc.oneof(fc.constantFrom('id', 'body', 'filter', '__proto__'), anything),
  at: fc.oneof(fc.array(fc.constantFrom('contact', 'name', '__proto__', 'constructor'), { maxLength: 3 }), anything),
})
const references = fc.oneof({ weight: 8, arbitrary: nearly(undefined) }, fc.array(reference, { maxLength: 3 }))
const sensible = fc.oneof(
  fc.record({
    kind: nearly('write'),
    noun: fc.oneof(nearly('Contact'), nearly('Deal'), fc.constantFrom('__proto__', 'constructor')),
    verb: fc.oneof(nearly('create'), nearly('update'), nearly('qualify'), fc.constantFrom('__proto__', 'rollback')),
    id: fc.oneof(fc.constant(undefined), nearly('contact_0123456789AB')),
    body: fc.oneof(nearly('{"name":"own","value":1,"contact":null}'), fc.string()),
    ifVersion: nearly(undefined),
    idempotencyKey: fc.oneof(nearly(undefined), fc.uuid()),
    references,
    isSilent: fc.oneof(fc.constant(undefined), fc.boolean()),
  }),
  fc.record({
    kind: nearly('read'),
    read: fc.oneof(
      fc.constantFrom('get', 'find', 'count', 'history', 'diff', 'events', 'event', 'status', 'schema'),
      anything,
    ),
    noun: fc.oneof(nearly('Contact'), fc.constant(undefined)),
    id: fc.oneof(fc.constant(undefined), nearly('contact_0123456789AB')),
    parameters: fc.oneof(
      fc.record({ filter: nearly('{"name":"own"}'), limit: nearly('10') }),
      fc.record({
        sort: nearly('-name'),
        include: nearly('deals'),
        asOf: nearly('2026-01-01T00:00:00Z'),
        strong: nearly('true'),
      }),
      anything,
    ),
    references,
  }),
  fc.record({
    kind: fc.constant('pipeline'),
    read: nearly('find'),
    noun: nearly('Contact'),
    parameters: nearly({}),
    steps: fc.oneof(
      fc.array(fc.record({ step: nearly('member'), name: nearly('length') }), { maxLength: 3 }),
      anything,
    ),
    references,
  }),
)
const anyCall = fc.oneof({ weight: 40, arbitrary: sensible }, anything)

test('generated, nearly valid messages are answered call by call or refused, and reveal nothing of another tenant', async () => {
  const [own, other] = [tenant(), tenant()]
  let done = 0
  await call('POST', `/~${other}/Contact`, { name: 'heliotrope' })
  await call('POST', `/~${own}/Contact`, { name: 'own' })
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyCall, { maxLength: 5 }),
      fc.oneof({ weight: 8, arbitrary: nearly(undefined) }, fc.constant('new.0')),
      async (calls, bookmark) => {
        const message = JSON.stringify({ calls, bookmark })
        const { status, text } = await post(own, message)
        expectNoFault({ status, text }, message)
        expect(text).not.toContain('heliotrope')
        if (status !== 200) return
        const answers = JSON.parse(text) as string[]
        for (const answer of answers) {
          if (answer === '') continue
          const head = JSON.parse(answer.split('\n')[0] ?? '') as { ok: boolean; problem?: Record<string, unknown> }
          if (head.ok) {
            done++
            continue
          }
          expect(head.problem).toMatchObject({ code: expect.any(String), detail: expect.any(String) })
          expect(Number(head.problem?.['status'])).toBeLessThan(500)
        }
        expect([1, calls.length]).toContain(answers.length)
      },
    ),
    { numRuns: 1_000 },
  )
  expect((await call('POST', `/~${own}/lake/verify`)).body).toMatchObject({ isWhole: true })
  // Some were valid.
  expect(done).toBeGreaterThan(20)
})
