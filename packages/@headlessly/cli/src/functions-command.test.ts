import { expect, test } from 'vitest'
import { formatFile, parseFile } from './functions-command.ts'

test('comments at the beginning of a file say what makes its function run, and others do not', () => {
  const source =
    '// Scores contacts.\n// @on Contact.creating\n// @about Scores by name\nexport default (c) => {\n  // @on Deal.*\n}\n'
  expect(parseFile(source)).toEqual({ source, on: 'Contact.creating', description: 'Scores by name' })
  expect(parseFile('() => 1')).toEqual({ source: '() => 1' })
})

test('a file that was pulled is pushed as the same function, and a pushed one is pulled as it was', () => {
  const stored = { source: '($) => 1', schedule: '0 9 * * mon', description: 'Monday' }
  const file = formatFile(stored)
  expect(parseFile(file)).toEqual({ source: file, schedule: '0 9 * * mon', description: 'Monday' })
  expect(formatFile({ ...stored, source: file })).toBe(file)
})
