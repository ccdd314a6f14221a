// Checks options by name and type when they are used, because JavaScript gets no help from a compiler: a misspelt option
// would be ignored without a word, and an undefined tenant would become a tenant named 'undefined'.

import { isObject, nearestName } from 'digital-objects'
import { HeadlesslyError, type HeadlesslyErrorCode } from './headlessly-error.ts'

/** The kinds of values that options have. */
const kinds = {
  string: { expected: 'a string', fits: (value: unknown) => typeof value === 'string' },
  number: { expected: 'a number', fits: (value: unknown) => typeof value === 'number' },
  boolean: { expected: 'true or false', fits: (value: unknown) => typeof value === 'boolean' },
  function: { expected: 'a function', fits: (value: unknown) => typeof value === 'function' },
  signal: { expected: 'an AbortSignal', fits: (value: unknown) => isObject(value) && 'aborted' in value },
  names: { expected: 'a string or a list of strings', fits: (value: unknown) => [value].flat().every(isString) },
  time: { expected: 'a timestamp or a Date', fits: (value: unknown) => isString(value) || value instanceof Date },
  point: {
    expected: 'a version, a timestamp or a Date',
    fits: (value: unknown) => isString(value) || typeof value === 'number' || value instanceof Date,
  },
  sort: {
    expected: "'-value,name' or { value: -1, name: 1 }",
    fits: (value: unknown) =>
      isObject(value) && !Array.isArray(value)
        ? Object.values(value).every((direction) => direction === undefined || direction === 1 || direction === -1)
        : [value].flat().every(isString),
  },
  list: { expected: 'a list', fits: (value: unknown) => Array.isArray(value) },
  any: { expected: 'a value', fits: () => true },
} as const

export type OptionKinds = Readonly<Record<string, keyof typeof kinds>>

/** Throws a HeadlesslyError that names the option. An option that is undefined counts as not given. */
export function checkOptions(
  options: unknown,
  expected: { readonly what: string; readonly kinds: OptionKinds; readonly code?: HeadlesslyErrorCode },
): void {
  const { what, code = 'invalid_parameter' } = expected
  if (options === undefined) return
  if (!isObject(options) || Array.isArray(options)) {
    const message = `${what} expects its options as an object, got ${shown(options)}`
    throw new HeadlesslyError({ code, field: 'options', message })
  }
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(expected.kinds, name) ? expected.kinds[name] : undefined
    if (kind === undefined) throw unknownOption(name, { ...expected, code })
    if (value === undefined || kinds[kind].fits(value)) continue
    const message = `${what}: ${name} expects ${kinds[kind].expected}, got ${shown(value)}`
    throw new HeadlesslyError({ code, field: name, message })
  }
}

function unknownOption(
  name: string,
  {
    what,
    kinds: known,
    code,
  }: { readonly what: string; readonly kinds: OptionKinds; readonly code: HeadlesslyErrorCode },
): HeadlesslyError {
  const names = Object.keys(known)
  const nearest = nearestName(name, names)
  const hint = nearest === undefined ? `its options are ${names.join(', ')}` : `did you mean '${nearest}'?`
  return new HeadlesslyError({
    code,
    field: name.slice(0, 64),
    message: `${what} has no option '${name.slice(0, 64)}'; ${hint}`,
  })
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 64))
  if (value === null || typeof value !== 'object') return String(value).slice(0, 64)
  return Array.isArray(value) ? 'a list' : 'an object'
}
