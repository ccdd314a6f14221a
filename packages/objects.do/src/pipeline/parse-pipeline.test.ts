// What is let through can be evaluated; all else is refused where it stands.

import { type Expression, expressionDepthMax, expressionNodesMax, ObjectError, pipelineStepsMax } from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binary, callback, item, member, method, name, step, value } from '../../test/expression-builder.ts'
import { anyExpression, scalarExpression } from '../../test/generated-expression.ts'
import { parseSteps } from './parse-pipeline.ts'

const map = (body: unknown): unknown => [{ step: 'map', callback: { ...callback(item), body } }]

function refusalOf(steps: unknown): ObjectError {
  try {
    parseSteps(steps)
  } catch (error) {
    if (error instanceof ObjectError) return error
    throw error
  }
  throw new Error('it was let through')
}

function nested(depth: number): Expression {
  return depth === 0 ? item : { kind: 'unary', operator: '!', of: nested(depth - 1) }
}

test('steps of every kind come through as they are', () => {
  const steps = [
    step('map', member(item, 'deals')),
    {
      step: 'filter',
      callback: callback(binary(name('deal'), '===', name('given')), 'deal', 'given'),
      given: { a: [1] },
    },
    { step: 'reduce', callback: callback(binary(name('sum'), '+', name('next')), 'sum', 'next'), initial: null },
    { step: 'sort' },
    { step: 'sort', callback: callback(binary(name('a'), '-', name('b')), 'a', 'b') },
    { step: 'slice', start: -5, end: 7 },
    { step: 'slice', start: 0 },
    { step: 'member', name: 'length' },
  ]
  expect(parseSteps(JSON.parse(JSON.stringify(steps)))).toEqual(steps)
})

test('every generated callback comes through as it is', () => {
  fc.assert(
    fc.property(fc.oneof(scalarExpression, anyExpression), (body) => {
      // The generator knows no limit.
      fc.pre(JSON.stringify(body).split('"kind"').length < expressionNodesMax)
      const steps = JSON.parse(JSON.stringify(map(body))) as unknown
      expect(parseSteps(steps)).toEqual(steps)
    }),
    { numRuns: 2_000 },
  )
})

describe('refused at its place is', () => {
  const inBody = 'steps[0].callback.body'
  test.each<readonly [string, unknown, string, string]>([
    ['what is no list', {}, 'steps', 'expects a list, got an object'],
    ['too many steps', Array.from({ length: pipelineStepsMax + 1 }, () => ({ step: 'sort' })), 'steps', 'at most 50'],
    ['an unknown step', [{ step: 'eval' }], 'steps[0].step', 'expects one of map'],
    ['a step without a callback', [{ step: 'map' }], 'steps[0].callback', 'expects an object, got nothing'],
    ['reduce without a beginning', [{ step: 'reduce', callback: callback(item) }], 'steps[0].initial', 'expects JSON'],
    ['a place that is no whole number', [{ step: 'slice', start: 0.5 }], 'steps[0].start', 'a whole number, got 0.5'],
    ['a field that a step has not', [{ step: 'slice', start: 0, code: '' }], 'steps[0]', "has no 'code'"],
    ['a member of the engine', [{ step: 'member', name: '__proto__' }], 'steps[0].name', "'__proto__' is no name"],
    ['an unknown kind', map({ kind: 'call' }), `${inBody}.kind`, 'a kind of expression, got "call"'],
    ['a kind of the engine', map({ kind: 'constructor' }), `${inBody}.kind`, 'a kind of expression'],
    ['a field that a node has not', map({ ...item, source: 'x' }), inBody, "has no 'source'"],
    ['a name that is no parameter', map(name('secret')), inBody, "'secret' is no parameter"],
    ['a name of the engine', map(member(item, 'constructor')), `${inBody}.name`, "'constructor' is no name"],
    [
      'a field of the engine',
      map({ kind: 'object', fields: [{ name: '__proto__', value: item }] }),
      `${inBody}.fields[0].name`,
      "'__proto__'",
    ],
    ['an unknown operator', map({ ...binary(item, '+', item), operator: '|' }), `${inBody}.operator`, 'one of ==='],
    ['an unknown method', map({ ...method(item, 'at'), name: 'replace' }), `${inBody}.name`, 'one of at'],
    ['an unknown function', map({ kind: 'function', name: 'eval', arguments: [] }), `${inBody}.name`, 'one of Boolean'],
    ['a value that is an object', map({ kind: 'value', value: {} }), `${inBody}.value`, 'got an object'],
    [
      'a fault deep inside',
      map(binary(member(item, 'a'), '+', { kind: 'unary', operator: '~', of: item } as never)),
      `${inBody}.right.operator`,
      'one of !',
    ],
    [
      'a callback where a value belongs',
      map(method(item, 'includes', callback(item))),
      `${inBody}.arguments[0].kind`,
      'a kind of expression',
    ],
    ['a value where a callback belongs', map(method(item, 'map', item)), `${inBody}.arguments[0]`, "has no 'name'"],
    ['no callback where one belongs', map(method(item, 'map')), `${inBody}.arguments`, 'map expects a callback'],
    ['more arguments than the method takes', map(method(item, 'trim', item)), `${inBody}.arguments`, 'at most 0'],
    [
      'a callback that wants the place too',
      [{ step: 'map', callback: callback(item, 'item', 'at') }],
      'steps[0].callback.parameters',
      'at most 1',
    ],
    [
      'an inner one that wants the place too',
      map(method(item, 'map', callback(item, 'item', 'at'))),
      `${inBody}.arguments[0].parameters`,
      'at most 1',
    ],
    [
      'two parameters of one name',
      [{ step: 'sort', callback: callback(item, 'a', 'a') }],
      'steps[0].callback.parameters[1].name',
      "two parameters 'a'",
    ],
    ['an optional link without its chain', map({ ...member(item, 'a'), isOptional: true }), inBody, 'part of a chain'],
    [
      'too many nodes',
      map({ kind: 'list', items: Array.from({ length: expressionNodesMax }, () => value(1)) }),
      `${inBody}.items[498]`,
      'at most 500 nodes',
    ],
    [
      'nodes too deep',
      map(nested(expressionDepthMax + 1)),
      `${inBody}${'.of'.repeat(expressionDepthMax)}`,
      'at most 64 inside',
    ],
  ])('%s', (_, steps, field, message) => {
    expect(refusalOf(steps)).toMatchObject({
      code: 'unsupported_expression',
      field,
      message: expect.stringContaining(message) as unknown,
    })
  })
})

test('JSON of any other kind is refused, and nothing else happens', () => {
  const words = ['step', 'map', 'kind', 'callback', 'parameters', 'body', 'value', 'name', 'of', 'member']
  const word = fc.constantFrom(...words)
  const json = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 8, withCrossShrink: true },
      word,
      fc.jsonValue({ maxDepth: 1 }),
      fc.dictionary(fc.oneof(word, fc.constantFrom('__proto__', 'constructor')), tie('json'), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
      fc.array(tie('json'), { maxLength: 3 }),
    ),
  })).json
  fc.assert(
    fc.property(
      fc.oneof(json, fc.array(fc.record({ step: word, callback: json, names: json }, { requiredKeys: ['step'] }))),
      (steps) => {
        try {
          parseSteps(JSON.parse(JSON.stringify(steps)))
        } catch (error) {
          expect(error).toBeInstanceOf(ObjectError)
        }
      },
    ),
    { numRuns: 5_000 },
  )
})

test('a tree that is far too deep is refused before it fills the stack', () => {
  let body: unknown = item
  for (let depth = 0; depth < 100_000; depth++) body = { kind: 'unary', operator: '!', of: body }
  expect(refusalOf(map(body)).message).toContain('at most 64 inside')
  let given: unknown = 1
  for (let depth = 0; depth < 100_000; depth++) given = [given]
  expect(refusalOf([{ step: 'map', callback: callback(item), given }]).message).toContain('expects JSON')
})
