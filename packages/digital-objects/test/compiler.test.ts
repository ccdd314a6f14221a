// The compiler's errors for wrong definitions, and the cost of type checking.

import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const folder = resolve(import.meta.dirname, '..')
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')

function compile(...options: string[]): string {
  return spawnSync(process.execPath, [compiler, ...options], { cwd: folder, encoding: 'utf8' }).stdout
}

test('derived types are exact, and wrong uses do not compile', () => {
  expect(compile('-p', 'test-types')).toBe('')
})

test('a compiler error for a wrong definition or use contains a sentence that explains it', () => {
  const flags = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--customConditions',
    'source',
    '--allowImportingTsExtensions',
    '--skipLibCheck',
    '--types',
    '',
  ]
  const output = compile(...flags, '--ignoreConfig', 'test-types/wrong-definition.ts')
  expect(output).toContain("no field type 'strng'; expected string, text, number, integer, money, boolean")
  expect(output).toContain("only create, update and delete can be disabled with null, not 'a'")
  expect(output).toContain(`Did you mean '"Lead"'?`)
  expect(output).toContain("'emial' does not exist in type")
  expect(output).toContain("'$gtt' does not exist in type")
  expect(output).toContain(`Type '"Winning"' is not assignable`)
})

/** About twice the count at the time of writing. Exceeding it means that a type has become expensive. */
const instantiationsMax = 600_000

test('type-checking all 35 entities stays within its budget', () => {
  const output = compile(
    '-p',
    '.',
    '--noEmit',
    '--composite',
    'false',
    '--incremental',
    'false',
    '--extendedDiagnostics',
  )
  const instantiations = Number(/Instantiations:\s+(\d+)/.exec(output)?.[1])
  expect(instantiations).toBeGreaterThan(1_000)
  expect(instantiations).toBeLessThan(instantiationsMax)
})
