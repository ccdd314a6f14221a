// The expression parsed from a callback's source means the same as the callback: generated and damaged sources are run by
// JavaScript and by the server's evaluator.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ObjectError } from 'digital-objects'
import { evaluateCallback } from '../../../objects.do/src/pipeline/evaluate.ts'
import { EvaluationContext } from '../../../objects.do/src/pipeline/evaluation-context.ts'
import { parseSteps } from '../../../objects.do/src/pipeline/parse-pipeline.ts'
import type { Value } from '../../../objects.do/src/pipeline/value.ts'
import { parseCallback, type PipelineFunction } from '../src/pipeline/parse-callback.ts'

type Outcome = { readonly value: unknown } | { readonly error: unknown }

function outcomeOf(compute: () => unknown): Outcome {
  try {
    return { value: compute() }
  } catch (error) {
    return { error }
  }
}

/** Returns undefined if the source is not a function. */
function compiled(source: string): PipelineFunction | undefined {
  try {
    // oxlint-disable-next-line typescript/no-implied-eval
    const made: unknown = new Function(`'use strict'; return (${source}\n)`)()
    return typeof made === 'function' ? (made as PipelineFunction) : undefined
  } catch {
    return undefined
  }
}

const counted = { trees: 0, values: 0, refusals: 0 }

/** Runs JavaScript first, on copies, so that a damaged source cannot change the evaluator's values. */
function compareOutcomes(callback: PipelineFunction, item: Value, given: Value): void {
  const parsed = parseCallback(callback, { step: 'map', isGiven: true })
  if (!parsed.ok) {
    expect(parsed.reason).not.toBe('')
    return
  }
  counted.trees += 1
  const sent: unknown = JSON.parse(JSON.stringify([{ step: 'map', callback: parsed.callback, given: null }]))
  const [step] = parseSteps(sent)
  expect(step).toEqual({ step: 'map', callback: parsed.callback, given: null })
  const own = outcomeOf(() => Reflect.apply(callback, undefined, structuredClone([item, given])))
  const server = outcomeOf(() => evaluateCallback(parsed.callback, [item, given], new EvaluationContext()))
  if ('value' in server) {
    // JavaScript threw, or returned another value.
    if ('error' in own || !isSame(own.value, server.value)) {
      throw new Error(
        `${String(callback)} of ${JSON.stringify([item, given])}: ${shown(own)}, and at the server ${shown(server)}`,
      )
    }
    counted.values += 1
    return
  }
  if (!(server.error instanceof ObjectError)) throw server.error
  expect(['unsupported_expression', 'scan_limit']).toContain(server.error.code)
  counted.refusals += 1
}

function shown(outcome: Outcome): string {
  return 'error' in outcome
    ? `throws ${String(outcome.error)}`
    : `gives ${JSON.stringify(outcome.value) ?? 'undefined'}`
}

function isSame(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || left === null || typeof right !== 'object' || right === null)
    return Object.is(left, right)
  const [names, others] = [Object.keys(left), Object.keys(right)]
  return (
    Array.isArray(left) === Array.isArray(right) &&
    names.length === others.length &&
    names.every((name, at) => name === others[at] && isSame(Reflect.get(left, name), Reflect.get(right, name)))
  )
}

const scalars = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    2.5,
    1e21,
    100,
    '',
    'a',
    'Won',
    'won ',
    '2026-01-15',
    '10',
    '9',
    'Ä',
    true,
    false,
    null,
  ),
  fc.integer({ min: -5, max: 5 }),
  fc.string({ maxLength: 4 }),
)
const rows = fc.record({ a: scalars, tags: fc.array(scalars, { maxLength: 2 }) })
const innerRows = fc.option(rows)
const items: fc.Arbitrary<Value> = fc.record(
  {
    a: scalars,
    b: scalars,
    tags: fc.array(scalars, { maxLength: 4 }),
    rows: fc.array(rows, { maxLength: 3 }),
    inner: innerRows,
  },
  { requiredKeys: ['tags', 'rows'] },
)
const givens: fc.Arbitrary<Value> = fc.record({ least: scalars, by: fc.array(scalars, { maxLength: 3 }) })

/** Generates spaces and comments. */
const gap = fc.constantFrom('', '', '', ' ', '\n', '/* ) */', ' // "\n')
const literals = fc.oneof(
  scalars.map((scalar) => (Object.is(scalar, -0) ? '(-0)' : JSON.stringify(scalar))),
  fc.constantFrom(
    ..."'\\u0061\\x62\\\n\\0' 0x1f 1_0.5e1 .5 5. 0b11 1e999 undefined NaN Infinity !0 `` `\\`$`".split(' '),
  ),
  fc.constant('(void 0)'),
)

/** Generates single values, lists and operands of matching types, so that most results are not refusals. */
const { value: values } = fc.letrec<Record<'value' | 'operand' | 'list' | 'callback', string>>((tie) => {
  const [value, operand, list, callback] = [tie('value'), tie('operand'), tie('list'), tie('callback')]
  const options = { depthSize: 'xsmall', withCrossShrink: true } as const
  return {
    value: fc.oneof(
      options,
      operand,
      fc
        .tuple(
          operand,
          fc.constantFrom('===', '!==', '==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '&&', '||'),
          operand,
          gap,
        )
        .map(([left, operator, right, gap]) => `${left}${gap} ${operator} ${gap}${right}`),
      fc.tuple(operand, fc.constantFrom('&&', '||'), operand, operand).map(([a, b, c, d]) => `${a} ${b} ${c} && ${d}`),
      fc.tuple(operand, operand, operand).map(([a, b, c]) => `${a} + ${b} * ${c} - ${a} < ${b} == ${c}`),
      fc.tuple(operand, operand, operand).map(([a, b, c]) => `(${a}) ** (${b}) ** ${c} % ${a}`),
      fc.tuple(operand, operand).map(([a, b]) => `(${a} ?? ${b})`),
      fc.tuple(value, value, value).map(([test, then, otherwise]) => `${test} ? ${then} : ${otherwise}`),
    ),
    operand: fc.oneof(
      options,
      fc.constantFrom(
        'd.a',
        'd.b',
        'least',
        "d['a']",
        'd?.b',
        'd.inner?.a',
        'd?.inner?.tags[0]',
        'd.inner?.tags.length',
        'd.rows[0]?.a',
        'd.inner === null',
      ),
      literals,
      value.map((source) => `(${source})`),
      fc.tuple(fc.constantFrom('!', '- ', '+ ', 'typeof '), operand).map(([operator, of]) => `(${operator}${of})`),
      fc
        .tuple(
          list,
          gap,
          fc.constantFrom('.', '?.'),
          fc.constantFrom('length', 'at(-1)', 'join()', 'reduce((a, b) => a + b, 0)'),
        )
        .map((parts) => parts.join('')),
      fc
        .tuple(list, fc.constantFrom('every', 'some', 'find'), callback)
        .map(([of, name, callback]) => `${of}.${name}(${callback})`),
      fc.tuple(list, value, value).map(([of, body, first]) => `${of}.reduce((sum, least) => (${body}), ${first})`),
      fc
        .tuple(list, fc.constantFrom('includes', 'indexOf', 'at', 'join'), value)
        .map(([of, name, of2]) => `${of}.${name}(${of2})`),
      fc
        .tuple(
          operand,
          fc.constantFrom('toLowerCase()', 'trim()', 'slice(1)', 'at(-1)', 'slice(-2, -1)', 'length', '[0]'),
        )
        .map(([of, call]) => `String(${of})${call.startsWith('[') ? '' : '.'}${call}`),
      fc
        .tuple(operand, fc.constantFrom('includes', 'indexOf', 'startsWith', 'endsWith', 'at'), value)
        .map(([of, name, of2]) => `\`\${${of}}\`.${name}(${of2})`),
      fc
        .tuple(
          fc.constantFrom('Boolean', 'Number', 'String', 'Math.abs', 'Math.round', 'Math.sign', 'Math.trunc'),
          value,
        )
        .map(([name, of]) => `${name}(${of})`),
      fc.array(value, { minLength: 1, maxLength: 3 }).map((given) => `Math.max(${given.join()})`),
      fc.tuple(value, value).map(([a, b]) => `\`\${${a}} and \\n \${${b}}$\``),
    ),
    list: fc.oneof(
      options,
      fc.constantFrom(
        'd.tags',
        'by',
        '(d.inner?.tags ?? by)',
        'd.rows.map(({ a }) => a)',
        'd.rows.flatMap((d) => d.tags)',
      ),
      fc.array(value, { maxLength: 3 }).map((items) => `[${items.join()}]`),
      fc
        .tuple(list, fc.constantFrom('filter', 'map', 'flatMap'), callback)
        .map(([of, name, callback]) => `${of}.${name}(${callback})`),
      fc
        .tuple(
          list,
          fc.constantFrom('filter(Boolean)', 'map(String)', 'toSorted()', 'toSorted((a, b) => a - b)', 'slice(1)'),
        )
        .map((parts) => parts.join('.')),
      fc.tuple(list, list).map(([a, b]) => `${a}.concat(${b}, 1)`),
    ),
    callback: fc
      .tuple(fc.constantFrom('x', 'least'), value, fc.nat(2))
      .map(
        ([name, body, form]) =>
          [`function (${name}) { return ${body} }`, `(${name}) => { return ${body}; }`, `${name} => ${body}`][form] ??
          '',
      ),
  }
})
const bodies = fc.oneof(
  values,
  values,
  fc.tuple(values, values).map(([a, b]) => `({ a: ${a}, 'b c': [${b}], 1: d, least, })`),
)
const callbacks = fc
  .tuple(bodies, fc.nat(2))
  .map(
    ([body, form]) =>
      [
        `(d, { least, by }) => (${body})`,
        `function pick(d, { least: least, by }) { return ${body}; }`,
        `(d, { by, least }) => { return ${body} }`,
      ][form] ?? '',
  )

test('a parsed source gives the result of JavaScript, or is refused', () => {
  fc.assert(
    fc.property(callbacks, items, givens, (source, item, given) => {
      const callback = compiled(source)
      if (callback === undefined) throw new Error(`no JavaScript: ${source}`)
      compareOutcomes(callback, item, given)
    }),
    { numRuns: Number(process.env['RUNS'] ?? 400) },
  )
  // Without this, a parser that refuses everything would pass.
  expect(counted.trees).toBeGreaterThan(300)
  expect(counted.values).toBeGreaterThan(200)
})

const pieces = fc.constantFrom(
  ...'( ) [ ] { } . , ; : ? ?. ?? ! !== = == => ... + ++ - -- * ** / // /* */ % & && | || < << > ` ${ \\ \' " 0 1 07 1n .5 a d x by'.split(
    ' ',
  ),
  '\n',
  ' ',
  'async ',
  'await ',
  'new ',
  'return ',
  'in',
  ' in ',
  'typeof ',
  'void ',
  'delete ',
  'this',
  'let ',
  'undefined',
  'Math',
  'constructor',
  '__proto__',
  'function ',
  '=1',
  '.sort()',
  '.at(0)',
  '<!--',
  '-->',
  '#',
  '@',
  '\u2028',
  '\ufeff',
  '/a/',
  '//\r',
  'yield',
  '\\u0061',
)
/** Removes parts, and inserts pieces or other parts. */
const edits = fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.oneof(pieces, fc.nat(), fc.constant(''))), {
  minLength: 1,
  maxLength: 2,
})

test('a damaged source gives the result that JavaScript now gives, or is refused', () => {
  const before = counted.trees
  let functions = 0
  fc.assert(
    fc.property(callbacks, edits, items, givens, (source, changes, item, given) => {
      const parts = source.match(/\w+|[^\w]/g) ?? []
      for (const [place, taken, piece] of changes) {
        const other = typeof piece === 'number' ? (parts[piece % parts.length] ?? '') : piece
        parts.splice(place % parts.length, taken, other)
      }
      const callback = compiled(parts.join(''))
      if (callback === undefined) return
      functions += 1
      compareOutcomes(callback, item, given)
    }),
    { numRuns: Number(process.env['RUNS'] ?? 2_000) },
  )
  expect(functions).toBeGreaterThan(200)
  expect(counted.trees - before).toBeGreaterThan(150)
})
