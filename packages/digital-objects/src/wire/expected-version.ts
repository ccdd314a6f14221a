// The versions of an entity on which a write depends: `If-Match` and `If-None-Match` of HTTP, `ifVersion` in code.

/**
 * A number is the expected `$version`; `any` means that the entity must exist. `oneOf` may be empty, and then no version
 * fits. `noneOf` lists versions that the entity must not have; `any` means that it must not exist.
 */
export type ExpectedVersion =
  | number
  | 'any'
  | { readonly oneOf: readonly number[] }
  | { readonly noneOf: readonly number[] | 'any' }

/** Whether an existing entity of this version is expected. */
export function isExpectedVersion(expected: ExpectedVersion, version: number): boolean {
  if (typeof expected === 'number') return expected === version
  if (expected === 'any') return true
  if ('oneOf' in expected) return expected.oneOf.includes(version)
  return expected.noneOf !== 'any' && !expected.noneOf.includes(version)
}

/** Completes the message `expected ...`. */
export function describeExpectedVersion(expected: ExpectedVersion): string {
  if (typeof expected === 'number') return `version ${expected}`
  if (expected === 'any') return 'any version'
  if ('oneOf' in expected)
    return expected.oneOf.length === 0 ? 'another version' : `version ${expected.oneOf.join(' or ')}`
  return expected.noneOf === 'any' ? 'no version' : `another version than ${expected.noneOf.join(' or ')}`
}
