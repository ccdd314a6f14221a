// An expression evaluates exactly to what the engine computes from its source.

import { isDeepStrictEqual } from 'node:util'
import {
  type Callback,
  type Expression,
  type JsonValue,
  type ListMethod,
  ObjectError,
  textMethods,
} from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binary, callback as of, item, member, method, name, value } from '../../test/expression-builder.ts'
import { anyExpression, callbackToSource, scalarExpression } from '../../test/generated-expression.ts'
import { evaluateCallback } from './evaluate.ts'
import { EvaluationContext, evaluationsMax, textCharactersMax } from './evaluation-context.ts'
import { parseCallback } from './parse-expression.ts'
import type { Value } from './value.ts'

type Outcome = { readonly value: unknown } | { readonly error: unknown }

function outcomeOf(compute: () => unknown): Outcome {
  try {
    return { value: compute() }
  } catch (error) {
    return { error }
  }
}

const evaluate = (body: Expression, given?: Value): Value =>
  evaluateCallback(of(body), [given], new EvaluationContext())

const items: readonly JsonValue[] = [
  'abc',
  '',
  0,
  -1.5,
  null,
  true,
  [],
  [3, 1, 2, 10],
  ['b', 'a', null],
  [['a'], [1]],
  { stage: 'Lead', a: { stage: null } },
  { stage: 'abc', length: 3 },
]

/** Runs the callback's source in the engine. */
function run(callback: Callback, given: JsonValue): unknown {
  // oxlint-disable-next-line typescript/no-implied-eval -- the reference that the expression must agree with
  const compute = new Function(`return ${callbackToSource(callback)}`)() as (item: JsonValue) => unknown
  return compute(given)
}

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const runs = { numRuns: 3_000, seed }

describe(`seed ${seed}`, () => {
  test("an expression of primitive values gives exactly the engine's result, and is refused only if the engine throws", () => {
    const scalars = items.filter((one) => typeof one !== 'object' || one === null)
    let given = 0
    fc.assert(
      fc.property(scalarExpression, fc.constantFrom(...scalars), (body, one) => {
        const callback = parseCallback(of(body), { place: 'callback', parametersMax: 1 })
        const wanted = outcomeOf(() => run(callback, one))
        const got = outcomeOf(() => evaluateCallback(callback, [one], new EvaluationContext()))
        if ('error' in wanted || isMethod(wanted.value)) {
          expect('error' in got && got.error).toBeInstanceOf(ObjectError)
          return
        }
        given += 1
        expect(got).toEqual({ value: wanted.value })
        expect('value' in got && Object.is(got.value, wanted.value)).toBe(true)
      }),
      runs,
    )
    expect(given).toBeGreaterThan(runs.numRuns / 4)
  })

  test("an expression of lists and objects gives the engine's result or is refused", () => {
    let given = 0
    fc.assert(
      fc.property(anyExpression, fc.constantFrom(...items), (body, one) => {
        const callback = parseCallback(of(body), { place: 'callback', parametersMax: 1 })
        const got = outcomeOf(() => evaluateCallback(callback, [one], new EvaluationContext()))
        if ('error' in got) {
          expect(got.error).toBeInstanceOf(ObjectError)
          return
        }
        given += 1
        const wanted = outcomeOf(() => run(callback, one))
        expect(isDeepStrictEqual(got, wanted), `${callbackToSource(callback)} gives ${JSON.stringify(wanted)}`).toBe(
          true,
        )
      }),
      runs,
    )
    expect(given).toBeGreaterThan(runs.numRuns / 4)
  })
})

describe('every combination of arguments', () => {
  const given: readonly Expression[] = [
    { kind: 'undefined' },
    ...[null, 0, 1, -1, 2.5, 'a', '', ',', '1', true].map(value),
  ]
  const calls: readonly (readonly Expression[])[] = [
    [],
    ...given.map((first) => [first]),
    ...given.flatMap((first) => given.map((second) => [first, second])),
  ]
  const mostArguments: Readonly<Record<string, number>> = { at: 1, join: 1, toLowerCase: 0, toUpperCase: 0, trim: 0 }
  const callsOf = (called: string): readonly (readonly Expression[])[] =>
    calls.filter(({ length }) => length <= (mostArguments[called] ?? 2))

  test.each(textMethods)("%s of a string gives the engine's result", (called) => {
    for (const text of ['', 'abc', ' a,B,a ', '1a1', 'ÀΣß😀'])
      for (const call of callsOf(called)) expectSame(method(item, called, ...call), text)
  })

  test.each(['at', 'concat', 'includes', 'indexOf', 'join', 'slice'])(
    "%s of a list gives the engine's result",
    (called) => {
      for (const list of [[], ['a', null, 1, '', true], [0, -1, 2.5, 'a', 'a'], [null, null]])
        for (const call of callsOf(called)) expectSame(method(item, called as ListMethod, ...call), list)
    },
  )

  function expectSame(body: Expression, one: JsonValue): void {
    const callback = parseCallback(of(body), { place: 'callback', parametersMax: 1 })
    const got = evaluateCallback(callback, [one], new EvaluationContext())
    expect(isDeepStrictEqual(got, run(callback, one)), `${callbackToSource(callback)} of ${JSON.stringify(one)}`).toBe(
      true,
    )
  }
})

/** The engine returns its methods as values; a pipeline does not. */
function isMethod(one: unknown): boolean {
  return typeof one === 'function'
}

describe('the following is refused with a message:', () => {
  test.each([
    ['a member of nothing', member(item, 'name'), undefined, "cannot read 'name' of undefined"],
    ['a call of nothing', method(item, 'trim'), null, 'cannot call trim of null'],
    ['a method that the value does not have', method(item, 'trim'), 5, '5 has no method trim'],
    ['a string method on a list', method(item, 'trim'), [], 'a list has no method trim'],
    ['a list method on a string', method(item, 'join'), 'a', 'a string has no method join'],
    ['the engine through a member', member(item, 'toString'), {}, "'toString' of an object is not a value"],
    ['the engine through brackets', element('constructor'), [], "'constructor' of a list is not a value"],
    ['a prototype through brackets', element('__proto__'), {}, "'__proto__' of an object is not a value"],
    ['the identity of lists', binary(item, '===', item), [], '=== of a list and a list'],
    ['the identity of a searched value', method(item, 'includes', { kind: 'list', items: [] }), [[]], 'includes of'],
    ['a list as a number', binary(item, '-', value(1)), [1], '- does not accept a list'],
    ['a list as a string', { kind: 'text', parts: [item] }, [1], 'a template does not accept a list'],
    ['an object in an ordering', binary(item, '<', value(1)), {}, '< does not accept an object'],
    ['an object compared with a string', binary(item, '==', value('a')), {}, '== does not accept an object'],
    ['reduce of nothing', method(item, 'reduce', of(name('sum'), 'sum', 'next')), [], 'reduce of an empty list'],
    ['a timestamp that depends on the time zone', dateOf('2026-01-15T10:00'), null, 'Date.parse accepts a date'],
    ['a date of another form', dateOf('Jan 15 2026'), null, 'Date.parse accepts a date'],
  ] as const)('%s', (_, body, given, message) => {
    const error = outcomeOf(() => evaluate(body, given))
    expect('error' in error && error.error).toBeInstanceOf(ObjectError)
    expect('error' in error && error.error).toMatchObject({
      code: 'unsupported_expression',
      field: 'steps',
      message: expect.stringContaining(message) as unknown,
    })
  })

  function element(key: string): Expression {
    return { kind: 'element', of: item, at: value(key) }
  }
})

function dateOf(text: string): Expression {
  return { kind: 'function', name: 'Date.parse', arguments: [value(text)] }
}

test.each(['2026', '2026-01', '2026-01-15', '2026-01-15T10:00Z', '2026-01-15T10:00:00.123+02:00', '2026-13-45', ''])(
  "Date.parse of %j gives the engine's result",
  (text) => {
    expect(evaluate(dateOf(text))).toBe(Date.parse(text))
  },
)

test('a callback can destructure its parameter and rename fields', () => {
  const fields = [
    { field: 'stage', name: 'stage' },
    { field: 'value', name: 'amount' },
  ]
  const callback: Callback = {
    kind: 'callback',
    parameters: [{ kind: 'fields', fields }],
    body: { kind: 'list', items: [name('stage'), name('amount')] },
  }
  const context = new EvaluationContext()
  expect(evaluateCallback(callback, [{ stage: 'Lead', value: 5 }], context)).toEqual(['Lead', 5])
  expect(() => evaluateCallback(callback, [null], context)).toThrow('cannot destructure null')
})

test('an inner callback sees the outer parameters, shadowed by its own', () => {
  const inner = of(binary(name('item'), '+', name('outer')), 'item')
  const body = method(member(name('outer'), 'list'), 'map', of(member(name('item'), 'length'), 'item'))
  expect(evaluateCallback(of(body, 'outer'), [{ list: ['a', 'bc'] }], new EvaluationContext())).toEqual([1, 2])
  const sums = method({ kind: 'list', items: [value(1), value(2)] }, 'map', inner)
  expect(evaluateCallback(of(sums, 'outer'), [10], new EvaluationContext())).toEqual([11, 12])
})

describe('a limit stops', () => {
  const tens: Expression = { kind: 'list', items: Array.from({ length: 10 }, (_, at) => value(at)) }
  const nested = (depth: number): Expression =>
    depth === 0 ? value(1) : method(tens, 'map', of(nested(depth - 1), `i${depth}`))
  const doubled = (list: Expression): Expression =>
    method(list, 'reduce', of(binary(name('sum'), '+', name('sum')), 'sum', 'next'), value('x'))
  const forty: Expression = { kind: 'list', items: Array.from({ length: 40 }, () => value(1)) }
  const long = 'x'.repeat(1_000_000)
  const hundred: Expression = { kind: 'list', items: Array.from({ length: 100 }, () => value(1)) }
  const tenThousand = (body: Expression): Expression =>
    method(hundred, 'map', of(method(hundred, 'map', of(body, 'b')), 'a'))

  test.each([
    ['loops in loops', nested(7), null, `more than ${evaluationsMax} nodes`],
    ['strings that double', doubled(forty), null, `more than ${textCharactersMax} characters`],
    [
      'lists that double',
      method(forty, 'reduce', of(method(name('sum'), 'concat', name('sum')), 'sum', 'next'), tens),
      null,
      'nodes',
    ],
    ['repeated searches in a long string', tenThousand(method(item, 'includes', value('y'))), long, 'nodes'],
    ['repeated comparisons of long strings', tenThousand(binary(item, '<', item)), long, 'nodes'],
    ['repeated copies of a long string', tenThousand(method(item, 'toUpperCase')), long, 'characters'],
    [
      'a long string that is a number',
      tenThousand({ kind: 'unary', operator: '+', of: item }),
      ' '.repeat(1e6),
      'nodes',
    ],
    ['a string split into its letters', method(tens, 'map', of(method(item, 'split', value('')), 'a')), long, 'nodes'],
    ['a long separator', method(hundred, 'join', item), long, 'characters'],
  ] as const)('%s', (_, body, given, message) => {
    const started = performance.now()
    const outcome = outcomeOf(() => evaluate(body, given))
    expect('error' in outcome && outcome.error).toMatchObject({ code: 'scan_limit' })
    expect(String('error' in outcome && outcome.error)).toContain(message)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
