// Runs every line of README's "From the command line" in order against the server that ships.

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { readMarkdownBlocks } from '../../../../test/markdown-blocks.ts'

const program = resolve(import.meta.dirname, '../bin/headlessly.js')
const folder = mkdtempSync(join(tmpdir(), 'headlessly-readme-cli-'))
const { url } = useServer()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const lines = readMarkdownBlocks('README.md')
  .filter(({ heading, language }) => heading === 'From the command line' && language === 'sh')
  .flatMap(({ text }) => text.trimEnd().split('\n'))

test('every line runs and prints what the next one needs', async () => {
  expect(lines.length).toBeGreaterThan(10)
  // The shell finds a function of this name; the id is that of the entity just created.
  writeFileSync(
    join(folder, 'lines.sh'),
    `set -e -o pipefail
headlessly() { "$NODE" "$PROGRAM" "$@"; }
${lines.map((line) => `echo "$ line"; ${line}\n${line.includes('.create ') ? 'id=$(headlessly Contact.find | cut -f1)\n' : ''}`).join('')}`,
  )
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    NODE: process.execPath,
    PROGRAM: program,
    HEADLESSLY_ENDPOINT: url(),
  }
  // Asynchronous, because this process serves the fsync requests that verify waits for.
  const { stdout: said } = await promisify(execFile)('bash', ['lines.sh'], { cwd: folder, env })
  const [, ...answers] = said.split('$ line\n')
  expect(answers).toHaveLength(lines.length)
  const answerOf = (begin: string): string => answers[lines.findIndex((line) => line.includes(begin))] ?? ''
  expect(answerOf('Contact.create')).toContain('email\tada@example.com\n')
  expect(answerOf('--stage Lead')).toMatch(/^contact_\w{12}\tAda Lovelace\t/)
  expect(JSON.parse(answerOf('--filter'))).toMatchObject([{ leadScore: 80 }])
  expect(answerOf('qualify')).toContain('stage\tQualified\n')
  expect(answerOf('history').split('\n')).toHaveLength(3)
  expect(answerOf('rollback')).toContain('stage\tLead\n')
  expect(answerOf('events')).toContain('\tContact.Qualified\t')
  expect(answerOf('verify')).toContain('isWhole\ttrue\n')
  expect(readFileSync(join(folder, 'contacts.csv'), 'utf8')).toContain('Ada Lovelace,')
})
