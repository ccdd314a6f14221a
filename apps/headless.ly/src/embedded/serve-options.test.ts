// Options of the server come from flags, variables and defaults.

import { expect, test } from 'vitest'
import { parseServeOptions, serveOptions, serveUsage } from './serve-options.ts'

test('an option wins over its variable, and that over the default; an empty variable counts as none', () => {
  const port = (args: readonly string[], PORT?: string): string | undefined =>
    parseServeOptions({ PORT }, args).text('port')
  expect(port(['--port', '1'], '2')).toBe('1')
  expect(port(['--port=1'])).toBe('1')
  expect(port([], '2')).toBe('2')
  expect(port([], '')).toBe('8787')
  expect(port([])).toBe('8787')
  expect(parseServeOptions({}, []).text('public-url')).toBeUndefined()
})

test('a switch is off unless it is given, and an unknown option is refused', () => {
  expect(parseServeOptions({}, []).isOn('verbose')).toBe(false)
  expect(parseServeOptions({}, ['--verbose']).isOn('verbose')).toBe(true)
  expect(() => parseServeOptions({}, ['--prot', '1'])).toThrow("Unknown option '--prot'")
})

test('the usage has a line for each option, with its variable and default', () => {
  const lines = serveUsage().split('\n')
  expect(lines.map((line) => line.trim().split(' ', 1)[0])).toEqual(serveOptions.map(({ name }) => `--${name}`))
  expect(lines[0]).toMatch(/^ {2}--port <number> +port on this machine \(PORT, or 8787\)$/)
})
