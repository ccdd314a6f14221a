// `do` with code, as a program and in process.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'
import { makeCli } from './cli.ts'

const { url, tenant } = useSharedServer()
const cli = makeCli()

beforeAll(() => {
  cli.env['HEADLESSLY_ENDPOINT'] = url()
})
beforeEach(() => {
  cli.env['HEADLESSLY_TENANT'] = tenant()
})

const create = `async ($, { name }) => {
  console.log('making', name)
  return (await $.Contact.create({ name })).name
}`

test("the result goes to stdout as JSON, the code's console output to stderr", async () => {
  expect(await cli('do', create, '--given', '{"name":"Ada"}')).toEqual({
    code: 0,
    stdout: '"Ada"\n',
    stderr: 'making Ada\n',
  })
  expect(await cli('do', '($) => $.Contact.find().map((contact) => contact.name)')).toMatchObject({
    code: 0,
    stdout: '[\n  "Ada"\n]\n',
  })
  expect(await cli('do', '() => {}')).toEqual({ code: 0, stdout: '', stderr: '' })
})

test('failing code ends with exit code 1 and its reason, after its console output', async () => {
  const ran = await cli('do', `() => { console.warn('before'); throw new Error('no deals') }`)
  expect(ran).toMatchObject({ code: 1, stdout: '' })
  expect(ran.stderr).toBe('before\nerror: the code threw Error: no deals, at line 1\n')
  expect(await cli('do', `($) => $.Contact.create({ nam: 'x' })`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("did you mean 'name'?"),
  })
})

test('code can come from a file, with its default export, and from stdin', async () => {
  const file = join(cli.folder, 'report.js')
  writeFileSync(file, `// How many there are.\nexport default ${create};\n`)
  expect(await cli('do', '--file', file, '--given', '{"name":"Ada"}')).toMatchObject({ code: 0, stdout: '"Ada"\n' })
  const program = resolve(import.meta.dirname, '../bin/headlessly.js')
  for (const words of [['-'], ['--file', '-']]) {
    const options = { env: { ...process.env, ...cli.env }, input: '($) => $.tenant', encoding: 'utf8' } as const
    const ran = spawnSync(process.execPath, [program, 'do', ...words], options)
    expect(ran).toMatchObject({ status: 0, stdout: `"${cli.env['HEADLESSLY_TENANT']}"\n` })
  }
})

test('a repeated call with the same key writes once', async () => {
  const words = ['do', create, '--given', '{"name":"Ada"}', '--idempotency-key', 'again'] as const
  await cli(...words)
  await cli(...words)
  expect(await cli('do', '($) => $.Contact.count()')).toMatchObject({ stdout: '1\n' })
})

test.each([
  [['do'], 'do expects a function'],
  [['do', 'qualify'], "got 'qualify'"],
  [['do', '--file', 'nowhere.js'], "file not found: 'nowhere.js'"],
  [['do', '() => 1', '--file', 'x.js'], 'either code or --file'],
  [['do', '() => 1', '--given', '{'], '--given expects JSON'],
  [['do', 'Contact.qualfy', 'x'], "did you mean 'qualify'?"],
])('%j is refused before anything is sent', async (words, sentence) => {
  expect(await cli(...words)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(sentence) })
})

test('help describes both forms', async () => {
  const { stdout } = await cli('help', 'do')
  for (const part of ['[code]', '--file', '--given', 'do <Type>.<verb>']) expect(stdout).toContain(part)
  expect((await cli('do', 'Contact.qualify', '--help')).stdout).toContain('Contact.qualify <id>')
})
