import { type Call, ObjectError } from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Body } from '../writes/parse-body.ts'
import { orderOperations } from './batch-order.ts'
import { BatchRun } from './batch-run.ts'
import { parseBatch, splitPath } from './parse-batch.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

/** A stand-in for the tenant's routes: the path is the call's noun. */
const route = ({ path }: { readonly path: string }): Call => {
  if (path.includes('nowhere')) throw new ObjectError({ code: 'not_found', message: `there is no path '${path}'` })
  return { kind: 'write', verb: 'create', noun: path, body: '' }
}

function refusalOf(body: Body): readonly [field: string | undefined, message: string] {
  try {
    parseBatch(body, route)
  } catch (error) {
    if (error instanceof ObjectError) return [error.field, `${error.code}: ${error.message}`]
    throw error
  }
  throw new Error('expected a refusal')
}

const create = { method: 'POST', path: '/Contact', body: { name: 'Ada' } }

describe('a batch is refused with the name of the field', () => {
  test.each<[string, Body, string]>([
    ['no list', {}, 'operations'],
    ['an empty list', { operations: [] }, 'operations'],
    ['too many operations', { operations: Array.from({ length: 101 }, () => create) }, 'operations'],
    ['an unknown member', { operations: [create], atomicc: true }, 'atomicc'],
    ['no boolean', { operations: [create], atomic: 'yes' }, 'atomic'],
    ['no object', { operations: [create, 5] }, 'operations[1]'],
    ['an unknown method', { operations: [{ ...create, method: 'post' }] }, 'operations[0].method'],
    ['a path without a slash', { operations: [{ ...create, path: 'Contact' }] }, 'operations[0].path'],
    ['an unknown path', { operations: [create, create, { ...create, path: '/nowhere' }] }, 'operations[2].path'],
    ['an unknown member of an operation', { operations: [{ ...create, ifversion: 1 }] }, 'operations[0].ifversion'],
    ['a body of a GET', { operations: [{ ...create, method: 'GET' }] }, 'operations[0].body'],
    [
      'a version for a GET',
      { operations: [{ method: 'GET', path: '/Contact', ifVersion: 1 }] },
      'operations[0].ifVersion',
    ],
    ['a version that is no number', { operations: [{ ...create, ifVersion: '1' }] }, 'operations[0].ifVersion'],
    [
      'the same id twice',
      {
        operations: [
          { ...create, id: 'a' },
          { ...create, id: 'a' },
        ],
      },
      'operations[1].id',
    ],
    ['an id that an index has', { operations: [create, { ...create, id: '0' }] }, 'operations[1].id'],
    ['an unknown reference', { operations: [{ ...create, body: { a: [{ $ref: 'x' }] } }] }, 'operations[0].body.a[0]'],
    [
      'a reference with a fault',
      { operations: [{ ...create, body: { a: { $ref: '0', paht: 'x' } } }] },
      'operations[0].body.a.paht',
    ],
    [
      'an expression with a fault',
      { operations: [create, { ...create, path: { $ref: '0', path: "concat('a' 'b')" } }] },
      'operations[1].path.path',
    ],
    ['a reference to itself', { operations: [{ ...create, body: { a: { $ref: '0' } } }] }, 'operations[0]'],
  ])('%s', (_, body, field) => {
    const [named, message] = refusalOf(body)
    expect(named).toBe(field)
    expect(message).toMatch(/^invalid_body: batch: /)
  })

  test('operations in a circle are all named', () => {
    const use = (of: string) => ({ ...create, body: { a: { $ref: of } } })
    const [field, message] = refusalOf({ operations: [create, use('3'), use('0'), use('4'), use('1')] })
    expect(field).toBe('operations[1]')
    expect(message).toContain('operations[1] uses the result of operations[3] uses the result of operations[4]')
  })

  test('a body may not be nested without end', () => {
    let body: object = {}
    for (let depth = 0; depth < 101; depth++) body = { a: body }
    expect(refusalOf({ operations: [{ ...create, body: body as Body }] })[1]).toContain('levels deep')
  })
})

test(`operations come after those they use, and otherwise in the order of the request (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(19), { maxLength: 3 }), { minLength: 1, maxLength: 20 }), (given) => {
      const uses = given.map((of) => of.filter((at) => at < given.length))
      const isCircular = reaches(uses)
      if (isCircular) {
        expect(() => orderOperations(uses)).toThrow(ObjectError)
        return
      }
      const order = orderOperations(uses)
      expect(order.toSorted((a, b) => a - b)).toEqual([...uses.keys()])
      const place = new Map(order.map((at, index) => [at, index]))
      for (const [at, of] of uses.entries())
        for (const used of of) expect(place.get(used)).toBeLessThan(place.get(at) ?? -1)
      // An operation waits only for those that it uses.
      for (const [index, at] of order.entries())
        for (const later of order.slice(index + 1))
          if (later < at) expect(uses[later]?.some((used) => order.indexOf(used) >= index)).toBe(true)
    }),
    { seed },
  )
})

/** Whether an operation uses its own result, by a search that is independent of the order. */
function reaches(uses: readonly (readonly number[])[]): boolean {
  const from = (at: number, seen: Set<number>): Set<number> => {
    for (const used of uses[at] ?? [])
      if (!seen.has(used)) {
        seen.add(used)
        from(used, seen)
      }
    return seen
  }
  return uses.some((_, at) => from(at, new Set()).has(at))
}

describe('a reference', () => {
  const answer = { $id: 'contact_1', name: 'Ada', list: [{ 'a.b': 7 }], nested: { x: null } }

  /** Performs two operations, of which the second uses the answer of the first. Returns its call or its error. */
  function callWith(second: Body): unknown {
    const batch = parseBatch(
      {
        operations: [
          { ...create, id: 'a' },
          { ...create, ...second },
        ],
      },
      route,
    )
    const run = new BatchRun(batch, route)
    const calls: Call[] = []
    run.run((call) => {
      calls.push(call)
      return { body: JSON.stringify(answer) }
    })
    const [failure] = run.failures
    return failure === undefined ? calls[1] : failure.problem
  }

  test.each<[string, unknown]>([
    ['$id', 'contact_1'],
    ['list.0', { 'a.b': 7 }],
    ['/list/0/a.b', 7],
    ["concat('/Contact/', $id, \"/\", name, '\\'s')", "/Contact/contact_1/Ada's"],
    ["concat('n', /list/0/a.b)", 'n7'],
  ])('%s', (path, value) => {
    expect(callWith({ body: { deep: [{ x: { $ref: 'a', path } }] } })).toMatchObject({
      body: JSON.stringify({ deep: [{ x: value }] }),
    })
  })

  test('without a path is to the id, and as a whole path is routed', () => {
    expect(callWith({ body: { contact: { $ref: 'a' } } })).toMatchObject({ body: '{"contact":"contact_1"}' })
    expect(callWith({ path: { $ref: 'a', path: "concat('/Contact/', $id)" } })).toMatchObject({
      noun: '/Contact/contact_1',
    })
  })

  test.each([
    ['nested.x', 'invalid_reference', 'operations[1].body.y'],
    ['missing', 'invalid_reference', 'operations[1].body.y'],
    ["concat('a', list)", 'invalid_reference', 'operations[1].body.y'],
  ])('%s is refused when its operation is performed', (path, code, field) => {
    expect(callWith({ body: { y: { $ref: 'a', path } } })).toMatchObject({ code, field })
  })

  test('a path that turns out to be none is refused', () => {
    expect(callWith({ path: { $ref: 'a', path: "concat('/nowhere/', $id)" } })).toMatchObject({
      code: 'invalid_body',
      field: 'operations[1].path',
    })
    expect(callWith({ path: { $ref: 'a', path: 'list' } })).toMatchObject({ code: 'invalid_reference' })
  })

  test('values that are used many times have a limit together', () => {
    const batch = parseBatch(
      {
        operations: [
          { ...create, id: 'a' },
          { ...create, body: { x: Array.from({ length: 3 }, () => ({ $ref: 'a', path: 'name' })) } },
        ],
      },
      route,
    )
    const run = new BatchRun(batch, route)
    run.run(() => ({ body: JSON.stringify({ name: 'x'.repeat(400_000) }) }))
    expect(run.failures).toMatchObject([{ status: 413, problem: { code: 'payload_too_large' } }])
  })
})

test('an operation that uses a failed one fails with 424, and so do those that use it', () => {
  const use = (of: string) => ({ ...create, body: { a: { $ref: of } } })
  const batch = parseBatch({ operations: [use('2'), use('0'), create, create] }, route)
  const run = new BatchRun(batch, route)
  let performed = 0
  run.run(() => {
    performed++
    if (performed === 1) throw new ObjectError({ code: 'conflict', message: 'taken' })
    return { body: '{"$id":"contact_1"}', createdId: 'contact_1' }
  })
  expect(run.failures.map(({ id, status }) => [id, status])).toEqual([
    ['0', 424],
    ['1', 424],
    ['2', 409],
  ])
  expect(run.failed().toData()).toMatchObject({ code: 'batch_failed' })
  const { results } = JSON.parse(run.format()) as { readonly results: readonly { readonly status: number }[] }
  expect(results.map(({ status }) => status)).toEqual([424, 424, 409, 201])
})

test('a path is split as that of a request', () => {
  expect(splitPath('/Contact/contact_1?fields=name%2Cstage&strong')).toEqual({
    segments: ['Contact', 'contact_1'],
    parameters: { fields: 'name,stage', strong: '' },
  })
  expect(splitPath('/')).toEqual({ segments: [], parameters: {} })
  expect(() => splitPath('/a%')).toThrow('percent-encoded')
})
