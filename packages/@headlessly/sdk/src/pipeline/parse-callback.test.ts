import { transformSync } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { type PipelineFunction, parseCallback } from './parse-callback.ts'

const inFilter = { step: 'filter', isGiven: true }

/** The value of a program's only constant. */
function expressionOf(code: string): string {
  return /^const \w+ ?= ?([^]*?);?\n$/.exec(code)?.[1] ?? ''
}

/** Created at run time, since this file has gone through a compiler. */
function functionOf(source: string): PipelineFunction {
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function(`return (${source})`)() as PipelineFunction
}

function treeOf(source: string, step = 'filter'): unknown {
  const parsed = parseCallback(functionOf(source), { step, isGiven: true })
  return parsed.ok ? parsed.callback : parsed.reason
}

function bodyOf(source: string): unknown {
  const parsed = parseCallback(functionOf(source), { step: 'reduce', isGiven: true })
  return parsed.ok ? parsed.callback.body : parsed.reason
}

const d = { kind: 'name', name: 'd' }
const value = (value: string | number | boolean | null) => ({ kind: 'value', value })
const member = (of: unknown, name: string) => ({ kind: 'member', of, name })
const binary = (left: unknown, operator: string, right: unknown) => ({ kind: 'binary', operator, left, right })

describe('a source becomes what it means', () => {
  test('parameters, in every way to write them', () => {
    const name = (name: string) => ({ kind: 'name', name })
    const body = { ok: true, callback: { kind: 'callback', parameters: [name('d')], body: member(d, 'x') } }
    for (const source of [
      'd => d.x',
      '(d) => d.x',
      '(d,) => d.x',
      'd => { return d.x }',
      'd => { return d.x; }',
      'function (d) { return d.x }',
      'function big(d) { return d.x }',
      'd /* a => */ => // b\n d\n.x',
    ]) {
      expect(parseCallback(functionOf(source), inFilter), source).toEqual(body)
    }
    expect(treeOf('({ stage, value: v, "a b": c, 1: e }, { least }) => v')).toEqual({
      kind: 'callback',
      parameters: [
        {
          kind: 'fields',
          fields: [
            { field: 'stage', name: 'stage' },
            { field: 'value', name: 'v' },
            { field: 'a b', name: 'c' },
            { field: '1', name: 'e' },
          ],
        },
        { kind: 'fields', fields: [{ field: 'least', name: 'least' }] },
      ],
      body: name('v'),
    })
    expect(treeOf('() => 1')).toEqual({ kind: 'callback', parameters: [], body: value(1) })
    expect(treeOf('(sum, d, { by }) => sum + d.value * by', 'reduce')).toMatchObject({ kind: 'callback' })
  })

  test('operators bind as they do in JavaScript', () => {
    const [a, b, c] = [value(1), value(2), value(3)]
    expect(bodyOf('d => 1 + 2 * 3')).toEqual(binary(a, '+', binary(b, '*', c)))
    expect(bodyOf('d => 1 - 2 - 3')).toEqual(binary(binary(a, '-', b), '-', c))
    expect(bodyOf('d => 1 ** 2 ** 3')).toEqual(binary(a, '**', binary(b, '**', c)))
    expect(bodyOf('d => (1 + 2) * 3')).toEqual(binary(binary(a, '+', b), '*', c))
    expect(bodyOf('d => 1 < 2 == 3')).toEqual(binary(binary(a, '<', b), '==', c))
    expect(bodyOf('d => 1 || 2 && 3')).toEqual(binary(a, '||', binary(b, '&&', c)))
    expect(bodyOf('d => 1 ?? (2 || 3)')).toEqual(binary(a, '??', binary(b, '||', c)))
    expect(bodyOf('d => 1 - -2')).toEqual(binary(a, '-', { kind: 'unary', operator: '-', of: b }))
    expect(bodyOf('d => typeof d.x === "a"')).toEqual(
      binary({ kind: 'unary', operator: 'typeof', of: member(d, 'x') }, '===', value('a')),
    )
    expect(bodyOf('d => d ? 1 : d ? 2 : 3')).toEqual({
      kind: 'conditional',
      test: d,
      then: a,
      otherwise: { kind: 'conditional', test: d, then: b, otherwise: c },
    })
    expect(bodyOf('d => d?.5:1')).toMatchObject({ kind: 'conditional', then: value(0.5) })
  })

  test('an optional link ends the chain that it is in, and no more', () => {
    const link = { kind: 'member', of: d, name: 'a', isOptional: true }
    expect(bodyOf('d => d?.a.b')).toEqual({ kind: 'chain', of: member(link, 'b') })
    expect(bodyOf('d => (d?.a).b')).toEqual(member({ kind: 'chain', of: link }, 'b'))
    expect(bodyOf('d => !d?.[0]')).toEqual({
      kind: 'unary',
      operator: '!',
      of: { kind: 'chain', of: { kind: 'element', of: d, at: value(0), isOptional: true } },
    })
    expect(bodyOf('d => d?.trim()')).toEqual({
      kind: 'chain',
      of: { kind: 'method', of: d, name: 'trim', arguments: [], isOptional: true },
    })
  })

  test.each([
    ["'a\\'b'", "a'b"],
    ['"\\n\\t\\b\\v\\f\\r\\0\\\\\\q"', '\n\t\b\v\f\r\0\\q'],
    ['"\\x41\\u0042\\u{1F600}\\ud83d\\ude00\\X41"', 'AB😀😀X41'],
    ['"a\\\nb\\\r\nc"', 'abc'],
    ['"\u2028//"', '\u2028//'],
    ['0x1F', 31],
    ['0b101', 5],
    ['0o17', 15],
    ['1_000.5e-1', 100.05],
    ['.5', 0.5],
    ['5.', 5],
    ['1E3', 1000],
    ['0', 0],
    ['null', null],
    ['true', true],
  ] as const)('the literal %s', (source, expected) => {
    expect(bodyOf(`d => ${source}`)).toEqual(value(expected))
  })

  test('what JSON cannot say is computed', () => {
    const zero = value(0)
    expect(bodyOf('d => NaN')).toEqual(binary(zero, '/', zero))
    expect(bodyOf('d => Infinity')).toEqual(binary(value(1), '/', zero))
    expect(bodyOf('d => 1e999')).toEqual(binary(value(1), '/', zero))
    expect(bodyOf('d => undefined')).toEqual({ kind: 'undefined' })
    expect(bodyOf('d => void 0')).toEqual({ kind: 'undefined' })
  })

  test('templates, objects and lists', () => {
    expect(bodyOf('d => `a${d.x}\\`$${`}`}\r\n`')).toEqual({
      kind: 'text',
      parts: [value('a'), member(d, 'x'), value('`$'), { kind: 'text', parts: [value('}')] }, value('\n')],
    })
    expect(bodyOf('d => ({ d, a: 1, "b c": 2, 3: 3, new: 4, })')).toEqual({
      kind: 'object',
      fields: [
        { name: 'd', value: d },
        { name: 'a', value: value(1) },
        { name: 'b c', value: value(2) },
        { name: '3', value: value(3) },
        { name: 'new', value: value(4) },
      ],
    })
    expect(bodyOf('d => [1, [d],]')).toEqual({ kind: 'list', items: [value(1), { kind: 'list', items: [d] }] })
    expect(bodyOf('d => ([])')).toEqual({ kind: 'list', items: [] })
  })

  test('callbacks inside see what is around them, and hide it', () => {
    const inner = (body: unknown, ...names: string[]) => ({
      kind: 'callback',
      parameters: names.map((name) => ({ kind: 'name', name })),
      body,
    })
    const method = (name: string, ...given: unknown[]) => ({
      kind: 'method',
      of: member(d, 'tags'),
      name,
      arguments: given,
    })
    expect(bodyOf('d => d.tags.some(t => t === d.x)')).toEqual(
      method('some', inner(binary({ kind: 'name', name: 't' }, '===', member(d, 'x')), 't')),
    )
    expect(bodyOf('d => d.tags.map(function (d) { return d })')).toEqual(method('map', inner(d, 'd')))
    expect(bodyOf('d => d.tags.reduce((a, d) => a + d, 0)')).toEqual(
      method('reduce', inner(binary({ kind: 'name', name: 'a' }, '+', d), 'a', 'd'), value(0)),
    )
    const item = { kind: 'name', name: 'item' }
    expect(bodyOf('d => d.tags.filter(Boolean)')).toEqual(
      method('filter', inner({ kind: 'function', name: 'Boolean', arguments: [item] }, 'item')),
    )
    expect(bodyOf('d => Math.max(d, 1)')).toEqual({ kind: 'function', name: 'Math.max', arguments: [d, value(1)] })
  })

  test('a minified source is the same tree', () => {
    const source = `
      const callback = ({ stage, value, contact }, { least }) =>
        stage !== 'Lost' && value >= least && contact?.organization?.name !== undefined && \`\${stage}!\`.length > 3
    `
    const { code } = transformSync(source, { minify: true, target: 'es2022' })
    const minified = expressionOf(code)
    const parsed = parseCallback(functionOf(minified), inFilter)
    expect(minified).toContain('void 0')
    expect(parsed.ok && parsed.callback.body).toMatchObject({ kind: 'binary', operator: '&&' })
  })

  test('an optional link that a compiler has lowered is the same condition', () => {
    const { code } = transformSync('const callback = (d) => d?.x', { minify: true, target: 'es2019' })
    expect(bodyOf(expressionOf(code))).toMatchObject({ kind: 'conditional' })
    const { code: deep } = transformSync('const callback = (d) => d.a?.x', { minify: true, target: 'es2019' })
    expect(treeOf(expressionOf(deep))).toContain('`var`')
  })
})

describe('what has no expression is refused with a sentence', () => {
  test('a variable from around the callback', () => {
    expect(treeOf('(deal) => deal.value > min')).toBe(
      '`min` is not a parameter of the callback; pass it: filter((item, { min }) => …, { min })',
    )
    expect(treeOf('(sum, deal) => sum + deal.value * rate', 'reduce')).toContain(
      'reduce((sum, item, { rate }) => …, 0, { rate })',
    )
    expect(treeOf('d => d.tags.map((t) => d2)')).toContain('`d2` is not a parameter')
    expect(treeOf('d => d.tags.map((t) => t).concat(t)')).toContain('`t` is not a parameter')
  })

  test.each([
    ['d => d.list.sort()', '`.toSorted()` leaves the list as it is'],
    ['d => { d.x }', 'begins with `d`'],
    ['d => { const a = 1; return a }', 'begins with `const`'],
    ['d => {}', 'begins with `}`'],
    ['d => { return }', '`}`'],
    ['d => { return\n d.x }', '`d`'],
    ['d => { return /* \n */ d.x }', '`d`'],
    ['d => { return d.x\n d.y }', '`d`'],
    ['d => { return d.x;; }', '`;`'],
    ['d => (d.x = 1)', '`=`'],
    ['d => (d.x += 1)', '`+=`'],
    ['d => d.x++', '`++`'],
    ['d => --d.x', '`--`'],
    ['d => (1, d)', '`,`'],
    ['d => d.x & 1', '`&`'],
    ['d => d.x >> 1', '`>>`'],
    ['d => ~d', '`~`'],
    ['d => "a" in d', '`in`'],
    ['d => d instanceof Date', '`instanceof`'],
    ['d => delete d.x', '`delete`'],
    ['d => new Date()', '`new`'],
    ['d => this', '`this`'],
    ['function (d) { return arguments[0] }', '`arguments`'],
    ['async (d) => d', '`async`'],
    ['async d => d', '`async`'],
    ['async function (d) { return d }', '`async`'],
    ['function* (d) { return d }', '`*`'],
    ['(d = 1) => d', '`=`'],
    ['(...d) => d', '`...`'],
    ['({ a = 1 }) => a', '`=`'],
    ['({ ...a }) => a', '`...`'],
    ['({ a: { b } }) => b', '`{`'],
    ['({ [1]: b }) => b', '`[`'],
    ['([a]) => a', '`[`'],
    ['(d) => [...d]', '`...`'],
    ['(d) => [1,,2]', '`,`'],
    ['(d) => ({ ...d })', '`...`'],
    ['(d) => ({ ["a"]: 1 })', '`[`'],
    ['(d) => ({ a() { return 1 } })', '`(`'],
    ['(d) => ({ get a() { return 1 } })', '`a`'],
    ['(d) => Math.max(...d)', '`...`'],
    ['(d) => /a/.test(d)', 'regular expressions are not supported'],
    ['(d) => d.a.replace("a", "b")', '`.replace()`'],
    ['(d) => d.at`a`', '`'],
    ['(d) => d.at?.(0)', '`(`'],
    ['(d) => d["at"](0)', '`(`'],
    ['(d) => ((x) => x)(d)', 'a parameter'],
    ['(d) => x => d', 'a function can only be passed'],
    ['(d) => d.a.map(d.b)', '`.`'],
    ['(d) => d.a.map((x, i) => i)', 'no index'],
    ['(d) => d.a.map((x) => x, 1)', '`map()`'],
    ['(d) => d.a.reduce(Number)', '`Number`'],
    ['(d) => d.a.filter()', '`filter()`'],
    ['(d, given, third) => 1', 'no index'],
    ['(d) => d.a.at(0, 1)', '`at()`'],
    ['(d) => d.constructor', '`constructor`'],
    ['(d) => d["constructor"]', '`constructor`'],
    ['(d) => d?.["__proto__"]', '`__proto__`'],
    ['(d) => d.prototype', '`prototype`'],
    ['(d) => d.toString()', '`toString`'],
    ['(d) => ({ __proto__: d })', '`__proto__`'],
    ['({ valueOf }) => valueOf', '`valueOf`'],
    ['(d) => d.hasOwnProperty("a")', '`hasOwnProperty`'],
    ['(Math) => Math.max(1)', '`Math`'],
    ['(undefined) => undefined', '`undefined`'],
    ['({ a: Number }) => Number(1)', '`Number`'],
    ['function Math(d) { return Math.max(1) }', '`Math`'],
    ['function d2(d) { return d2 }', '`d2` is not a parameter'],
    ['(d) => d.a.map(function d() { return d })', '`d` is not a parameter'],
    ['function (a, a) { return a }', '`a`'],
    ['d => Math.random()', '`Math.random` is not supported'],
    ['d => Math', '`Math` is not supported'],
    ['d => Math.max', '`Math.max` is not supported'],
    ['d => Math["max"](1)', '`Math` is not supported'],
    ['d => Date.now()', '`Date.now` is not supported'],
    ['d => parseInt(d)', '`parseInt` is not supported'],
    ['d => JSON.stringify(d)', '`JSON` is not supported'],
    ['d => Number()', '`Number()`'],
    ['d => 1n', '`1`'],
    ['d => 017', '`017`'],
    ['d => "\\07"', '`\\0`'],
    ['d => "\\08"', '`\\0`'],
    ['d => d.\\u0061', '`\\`'],
    ['d => void d.x', '`d`'],
    ['d => 1 <!--2\n+ 3', '`--`'],
    ['class { }', '`class`'],
    ['{ f(d) { return d } }.f', '`(`'],
    ['Math.max', 'native'],
    ['((d) => d).bind(null)', 'native'],
    ['new Proxy((d) => d, {})', 'native'],
    ['d => (cov_1a2b().f[0]++, d)', '`cov_1a2b`'],
  ])('%s', (source, named) => {
    const parsed = parseCallback(functionOf(source), inFilter)
    expect(parsed).toMatchObject({ ok: false })
    expect(parsed.ok ? '' : parsed.reason).toContain(named)
  })

  test('a second parameter without a passed value', () => {
    const callback = functionOf('(deal, at) => at')
    expect(parseCallback(callback, { step: 'map', isGiven: false })).toMatchObject({ ok: false })
    expect(parseCallback(callback, { step: 'map', isGiven: true })).toMatchObject({ ok: true })
    expect(parseCallback(callback, { step: 'reduce', isGiven: false })).toMatchObject({ ok: true })
  })

  test.each([
    ['parentheses', `d => ${'('.repeat(1_000)}d${')'.repeat(1_000)}`],
    ['operators', `d => ${'!'.repeat(5_000)}d`],
    ['links', `d => d${'.a'.repeat(100)}`],
    ['sums', `d => ${'d + '.repeat(100)}d`],
    ['values', `d => [${'d,'.repeat(600)}]`],
    ['lists', `d => ${'['.repeat(65)}${']'.repeat(65)}`],
    ['conditions', `d => ${'d ? 1 : '.repeat(70)}2`],
    ['names', `(d, { ${Array.from({ length: 600 }, (_, at) => `a${at}`).join()} }) => d`],
  ])('%s without end are refused', (_, source) => {
    expect(treeOf(source)).toContain('a callback has at most 500')
  })

  test('a source without end is refused', () => {
    expect(treeOf(`d => "${'a'.repeat(20_000)}"`)).toContain('20000 characters')
  })

  test('what is just small enough is not refused', () => {
    expect(treeOf(`d => ${'['.repeat(64)}${']'.repeat(64)}`)).toMatchObject({ kind: 'callback' })
    expect(treeOf(`d => [${'d,'.repeat(490)}]`)).toMatchObject({ kind: 'callback' })
  })
})
