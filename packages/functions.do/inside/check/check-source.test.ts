// The check of a stored function's source: types become spaces, and outside variables are named.

import { stripTypeScriptTypes } from 'node:module'
import { runInThisContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { checkSource } from './check-source.ts'

const run = (source: string): unknown => {
  const { code, fault } = checkSource(source)
  if (code === undefined) throw new Error(JSON.stringify(fault))
  return runInThisContext(`(${code}\n)`)
}

describe('types', () => {
  test('become spaces, so that what remains keeps its line and column', () => {
    const source = `async (contact: { name: string; score?: number }, $: any, info?: Map<string, number>): Promise<void> => {
      const a = contact as unknown as { x: 1 }, b = <string>contact.name
      let c!: number
      type Local = { b: 1 }
      interface Other extends Array<string> { r: string }
      class K<T> extends Map<string, T> implements Iterable<[string, T]> {
        private readonly a: number = 1
        static override b?: string
        declare d: string
        protected m?(x: T): void
        m2(x: T, y?: number): x is T { return true }
      }
      const f = <T,>(z: T): T => z!
      function g(this: Date, x: number, ...rest: string[]) { return rest.length satisfies number }
      return f<string>('a') as any
    }`
    const { code, fault } = checkSource(source)
    expect(fault).toBeUndefined()
    expect(code?.length).toBe(source.length)
    expect(code?.split('\n').length).toBe(source.split('\n').length)
    expect(code).not.toMatch(/unknown|Local|interface|private|implements|satisfies|Promise/)
    expect(typeof run(source)).toBe('function')
  })

  test('a return type over several lines leaves the arrow on the line of its parenthesis', () => {
    const boxed = run('(x: number): {\n  a: number\n} => ({ a: x })') as (x: number) => object
    expect(boxed(2)).toEqual({ a: 2 })
  })

  test.each(['enum E { A }', 'namespace N { export const a = 1 }', "import('x')"])(
    '%s is refused by its line',
    (bad) => {
      const { fault } = checkSource(`() => {\n  ${bad}\n}`)
      expect(fault).toMatchObject({ line: 2 })
    },
  )

  test.runIf(typeof stripTypeScriptTypes === 'function')('are removed exactly as Node removes them', () => {
    const sources = [
      'export default async (a: string, b?: Map<string, Array<number>>) => { const c = a as string; return c! }',
      'export default function score<T extends object>(this: void, x: T, { a, b = 1 }: { a?: number; b?: number }) { return (x as { a: 1 }).a + b }',
      'export default (x: (y: number) => string, z: [a: string, b?: number]) => x(z[1] ?? 1).length',
    ]
    for (const source of sources) {
      const body = source.slice('export default '.length)
      const expected = stripTypeScriptTypes(`(${body})`).slice(1, -1)
      expect(checkSource(source).code?.trim()).toBe(expected.trim())
    }
  })
})

describe('outside variables', () => {
  test.each([
    ['() => rate * 2', ["'rate'"]],
    ['(c) => { const a = 1; return () => a + limit + other.name }', ["'limit'", "'other'"]],
    ['(c, $) => { if (c) { let inner = 1 } return inner }', ["'inner'"]],
    ['(c) => ({ [key]: c, name: c.name })', ["'key'"]],
    ['({ a = base }) => a', ["'base'"]],
    ['(c) => { process.exit() }', ["'process'"]],
    ['(c) => { hidden = 1 }', ["'hidden'"]],
    ['() => $.Contact.count()', ["'$'"]],
    ['(a) => { class X extends Base { m() { return Other } } }', ["'Base'", "'Other'"]],
    ['(a) => { try { a() } catch (e) { log(e) } return e }', ["'log'", "'e'"]],
    ['(a) => `${a} ${tag`x`}`', ["'tag'"]],
  ])('%s is refused and names them', (source, names) => {
    const { fault } = checkSource(source)
    expect(fault?.message).toContain(names.join(', '))
    expect(fault?.line).toBe(1)
  })

  test.each([
    '({ a: { b: [c, ...d] }, e: f = 1 }, ...g) => c + d + f + g',
    '(x) => { for (const y of x) console.log(y); for (var z = 0; z < 1; z++); return z }',
    'function fact(n) { return n < 2 ? 1 : n * fact(n - 1) }',
    '(x) => { label: for (;;) { break label } return { x, y: 1, get z() { return 2 }, async w() {} } }',
    '(x) => { hoisted(); function hoisted() { return later } var later }',
    '(x) => { class A { static b = A; #c = 1; d = this.#c } return new A() }',
    'async ($) => { const { data: d, ...rest } = await $.x; switch (d) { case 1: let q = rest; return q } }',
    '(x) => { try {} catch ({ message }) { return message } }',
    'async ($) => await Promise.all([...new Set([1])].map(async (n) => Math.max(n, undefined)))',
    '(x: Foo): Bar => { type Inner = Outer; const y: Other = x as Foo; return y }',
    "import type { Contact } from '@headlessly/crm'\ntype A = Contact\nexport default (c: A) => ({ name: c.name })",
    'function () { return arguments.length }',
  ])('%s has none', (source) => {
    expect(checkSource(source).fault).toBeUndefined()
  })
})

test.each([
  ['', 'a function'],
  ['1 + 1', 'one function'],
  ['() => {}, () => {}', 'one function'],
  ['() => {}\nfoo()', 'one function'],
  ["import x from 'x'\nexport default () => x", 'imports nothing but types'],
  ['export default () => {}\nconst helper = 1', 'one function'],
  ['function* () {}', 'generator'],
  ['(a => ', 'no TypeScript'],
])('%s is refused', (source, expected) => {
  expect(checkSource(source).fault?.message).toContain(expected)
})
