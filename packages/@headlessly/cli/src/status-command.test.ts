// Keys as `status` shows them.

import { expect, test } from 'vitest'
import { maskKey } from './status-command.ts'

test('a key is shown by its ends, and not at all where those are most of it', () => {
  expect(maskKey('hly_0123456789AB')).toBe('hly_…89AB')
  expect(maskKey('hly_0123456789A')).toBe('…')
  expect(maskKey('')).toBe('…')
})
