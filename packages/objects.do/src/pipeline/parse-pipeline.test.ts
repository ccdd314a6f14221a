// A validated pipeline can be evaluated; everything else is refused with its path.

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
  throw new Error('expected a refusal')
}

function nested(depth: number): Expression {
  return depth === 0 ? item : { kind: 'unary', operator: '!', of: nested(depth - 1) }
}

test('steps of every kind are returned unchanged', () => {
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

test('every generated callback is returned unchanged', () => {
  fc.assert(
    fc.property(fc.oneof(scalarExpression, anyExpression), (body) => {
      // The generator does not limit the number of nodes.
      fc.pre(JSON.stringify(body).split('"kind"').length < expressionNodesMax)
      const steps = JSON.parse(JSON.stringify(map(body))) as unknown
      expect(parseSteps(steps)).toEqual(steps)
    }),
    { numRuns: 2_000 },
  )
})

describe('the following is refused with its path:', () => {
  const inBody = 'steps[0].callback.body'
  test.each<readonly [string, unknown, string, string]>([
    ['anything but a list', {}, 'steps', 'expects a list, got an object'],
    ['too many steps', Array.from({ length: pipelineStepsMax + 1 }, () => ({ step: 'sort' })), 'steps', 'at most 50'],
    ['an unknown step', [{ step: 'eval' }], 'steps[0].step', 'expects one of map'],
    ['a step without a callback', [{ step: 'map' }], 'steps[0].callback', 'expects an object, got nothing'],
    [
      'reduce without an initial value',
      [{ step: 'reduce', callback: callback(item) }],
      'steps[0].initial',
      'expects JSON',
    ],
    ['an index that is not an integer', [{ step: 'slice', start: 0.5 }], 'steps[0].start', 'a whole number, got 0.5'],
    ['a field that the step does not have', [{ step: 'slice', start: 0, code: '' }], 'steps[0]', "has no 'code'"],
    [
      'a member of the engine',
      [{ step: 'member', name: '__proto__' }],
      'steps[0].name',
      "'__proto__' is not a valid name",
    ],
    ['an unknown kind', map({ kind: 'call' }), `${inBody}.kind`, 'a kind of expression, got "call"'],
    ['a kind of the engine', map({ kind: 'constructor' }), `${inBody}.kind`, 'a kind of expression'],
    ['a field that the node does not have', map({ ...item, source: 'x' }), inBody, "has no 'source'"],
    ['a name that is not a parameter', map(name('secret')), inBody, "'secret' is not a parameter"],
    ['a name of the engine', map(member(item, 'constructor')), `${inBody}.name`, "'constructor' is not a valid name"],
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
      'a callback instead of a value',
      map(method(item, 'includes', callback(item))),
      `${inBody}.arguments[0].kind`,
      'a kind of expression',
    ],
    ['a value instead of a callback', map(method(item, 'map', item)), `${inBody}.arguments[0]`, "has no 'name'"],
    ['a missing callback', map(method(item, 'map')), `${inBody}.arguments`, 'map expects a callback'],
    ['more arguments than the method takes', map(method(item, 'trim', item)), `${inBody}.arguments`, 'at most 0'],
    [
      'a callback with an index parameter',
      [{ step: 'map', callback: callback(item, 'item', 'at') }],
      'steps[0].callback.parameters',
      'at most 1',
    ],
    [
      'an inner callback with an index parameter',
      map(method(item, 'map', callback(item, 'item', 'at'))),
      `${inBody}.arguments[0].parameters`,
      'at most 1',
    ],
    [
      'two parameters with the same name',
      [{ step: 'sort', callback: callback(item, 'a', 'a') }],
      'steps[0].callback.parameters[1].name',
      "two parameters are named 'a'",
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
      'at most 64 nested nodes',
    ],
  ])('%s', (_, steps, field, message) => {
    expect(refusalOf(steps)).toMatchObject({
      code: 'unsupported_expression',
      field,
      message: expect.stringContaining(message) as unknown,
    })
  })
})

test('any other JSON is refused, without side effects', () => {
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

test('a tree that is far too deep is refused before it overflows the stack', () => {
  let body: unknown = item
  for (let depth = 0; depth < 100_000; depth++) body = { kind: 'unary', operator: '!', of: body }
  expect(refusalOf(map(body)).message).toContain('at most 64 nested nodes')
  let given: unknown = 1
  for (let depth = 0; depth < 100_000; depth++) given = [given]
  expect(refusalOf([{ step: 'map', callback: callback(item), given }]).message).toContain('expects JSON')
})
