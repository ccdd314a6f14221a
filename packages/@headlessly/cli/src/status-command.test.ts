// The keys in the output of `status`.

import { expect, test } from 'vitest'
import { maskKey } from './status-command.ts'

test('a key is shown by its first and last characters, and not at all if it is short', () => {
  expect(maskKey('hly_0123456789AB')).toBe('hly_…89AB')
  expect(maskKey('hly_0123456789A')).toBe('…')
  expect(maskKey('')).toBe('…')
})
