// The compiler's errors for the client, the types that an editor shows, and the cost of type checking.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const folder = resolve(import.meta.dirname, '..')
const root = resolve(folder, '../../..')
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
const flags =
  '--ignoreConfig --strict --exactOptionalPropertyTypes --module nodenext --target es2024 --customConditions source --allowImportingTsExtensions --skipLibCheck --lib ES2024,DOM,DOM.AsyncIterable,ESNext.Disposable'

function compile(...options: string[]): string {
  return spawnSync(process.execPath, [compiler, ...options], { cwd: folder, encoding: 'utf8' }).stdout
}

test('types are exact, and wrong uses do not compile', () => {
  expect(compile('-p', 'test-types')).toBe('')
})

test('a compiler error for a wrong use contains a sentence that explains it', () => {
  const wrong = readFileSync(join(folder, 'test-types/wrong-use.ts'), 'utf8').split('\n')
  const output = compile(...flags.split(' '), '--noEmit', 'test-types/wrong-use.ts')
  const line = (statement: string): number => wrong.findIndex((text) => text.startsWith(statement)) + 1
  const sentences = {
    "await Contact.create({ name: 'Ada', emial": "'emial' does not exist in type",
    "await Contact.create({ name: 'Ada', stage": `Did you mean '"Lead"'?`,
    'await Contact.qualfy':
      "Property 'qualfy' does not exist on type 'EntityMethods<\"Contact\">'. Did you mean 'qualify'?",
    'await Contact.get': `Type '"dealz"' is not assignable to type 'IncludePath<"Contact">'`,
    'await Deal.find({ value': "'$gtt' does not exist in type 'Comparisons<number>'. Did you mean to write '$gt'?",
    'await Deal.find({ stage': `Type '"Winning"' is not assignable to type 'Condition<"Closed" | "Lost"`,
    '$.events.subscribe': `Argument of type '"Contact.Qualifid"' is not assignable to parameter of type 'EventPattern'`,
    'await $.Contct': "Property 'Contct' does not exist on type 'Client'. Did you mean 'Contact'?",
    'await Contact.find({}, { fields': `Type '"emial"' is not assignable to type 'FieldOf<"Contact">'. Did you mean '"email"'?`,
    "await Contact.update('": "Did you mean to write 'email'?",
    'await Contact.update({': "Did you mean to write 'email'?",
    "await Contact.qualify('contact_0123456789AB', { leadScor:": "Did you mean to write 'leadScore'?",
    'await Contact.qualify({ id': "Did you mean to write 'leadScore'?",
    "await Contact.qualify('contact_0123456789AB', { stage": `Did you mean '"Lead"'?`,
    'await Contact.capture': "Did you mean to write 'name'?",
    'await Contact.qualify({ leadScore':
      "Property '[expectsIdThenOptions]' is missing in type '{ leadScore: number; }'",
    "await Contact.qualify('contact_0123456789AB', {}": "Did you mean to write 'ifVersion'?",
    'await Contact.find().map': "Property 'dealz' does not exist on type 'Linked<\"Contact\">'. Did you mean 'deals'?",
    'await Contact.find().filter': `the types '"Churned" | "Customer" | "Lead" | "Partner" | "Qualified"' and '"Negotiation"' have no overlap`,
    'await Deal.create': "Type 'string' is not assignable to type 'number'",
  }
  const said = new Map(output.split(/^(?=test-types)/m).map((text) => [Number(/\((\d+)/.exec(text)?.[1]), text]))
  for (const [statement, sentence] of Object.entries(sentences)) expect(said.get(line(statement))).toContain(sentence)
  expect(said.size).toBe(Object.keys(sentences).length)
})

test('an entity shows its plain shape', () => {
  const out = mkdtempSync(join(tmpdir(), 'headlessly-hover-'))
  const emit = ['--declaration', '--emitDeclarationOnly', '--rootDir', root, '--outDir', out]
  expect(compile(...flags.split(' '), ...emit, 'test-types/hover.ts')).toBe('')
  const shown = readFileSync(join(out, relative(root, folder), 'test-types/hover.d.ts'), 'utf8')
  rmSync(out, { recursive: true })
  expect(shown).toContain(`export declare const contact: {
    readonly $id: string;
    readonly $type: "Contact";
    readonly name: string;
    readonly stage: "Churned" | "Customer" | "Lead" | "Partner" | "Qualified";
} | null;`)
  expect(shown).toContain('readonly body: string;')
  expect(shown).toContain('readonly industry?: string;')
  expect(shown).toContain('contactMethods: import("@headlessly/sdk").EntityMethods<"Contact">;')
  expect(shown).not.toMatch(/Simplify|WithIncludes|EntityOf|Noun</)
})

/** A tenth above the 1,505,000 of two clients, one of which has Nouns of its own: a type that becomes expensive reaches it. */
const instantiationsMax = 1_650_000

test('type-checking a program that uses the whole client stays within its budget', () => {
  const output = compile('-p', 'test-types', '--extendedDiagnostics')
  const instantiations = Number(/Instantiations:\s+(\d+)/.exec(output)?.[1])
  expect(instantiations).toBeGreaterThan(1_000)
  expect(instantiations).toBeLessThan(instantiationsMax)
})
