// Runs the curl lines of README's "Write", "Read", "Listen" and "Advance the clock" against the server that ships.

import { execFile, spawn, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { readMarkdownBlocks } from '../../../test/markdown-blocks.ts'
import { useServer } from './server.ts'

const { url, tenant, call } = useServer()
const hasCurl = spawnSync('curl', ['--version']).status === 0
const commands = readMarkdownBlocks('README.md')
  .filter(
    ({ language, heading }) => language === 'sh' && ['Write', 'Read', 'Listen', 'Advance the clock'].includes(heading),
  )
  .flatMap(({ heading, text }) =>
    text
      .trim()
      .split(/(?<!\\)\n/)
      .map((command) => ({ heading, command })),
  )
/** Prints response headers too, and replaces the shell process, so that the test can end it. */
const curl = 'curl() { exec curl --silent --show-error --include "$@"; }'

test('each section has examples, and all of them use curl', () => {
  expect([...new Set(commands.map(({ heading }) => heading))]).toEqual(['Write', 'Read', 'Listen', 'Advance the clock'])
  expect(commands.filter(({ command }) => !command.startsWith('curl '))).toEqual([])
})

describe.skipIf(!hasCurl)('README', () => {
  const answered = commands.filter(({ heading }) => ['Write', 'Read'].includes(heading))
  test.each(answered)('$heading: $command', async ({ heading, command }) => {
    const slug = tenant()
    const { stdout } = await promisify(execFile)('bash', ['-c', `${curl}\n${await own(command, slug)}`])
    expect(stdout).toMatch(heading === 'Write' ? /^HTTP\/1\.1 201 / : /^HTTP\/1\.1 200 /)
  })

  test('Advance the clock, line by line', async () => {
    const slug = tenant()
    const answers: string[] = []
    for (const { heading, command } of commands) {
      if (heading !== 'Advance the clock') continue
      const line = (await own(command, slug)).replaceAll('~trial', `~${slug}`)
      answers.push((await promisify(execFile)('bash', ['-c', `${curl}\n${line}`])).stdout)
    }
    const [january, ...february] = answers
    expect(january).toMatch(/^HTTP\/1\.1 200 [^]*"now":"2026-01-01T00:00:00.000Z"/)
    expect(february).toHaveLength(2)
    for (const answer of february) expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*"now":"2026-02-01T00:00:00.000Z"/)
  })

  const heard = commands.filter(({ heading }) => heading === 'Listen')
  test.each(heard)('$heading: $command', async ({ command }) => {
    const slug = tenant()
    const listener = spawn('bash', ['-c', `${curl}\n${await own(command, slug)}`])
    const said = listener.stdout.setEncoding('utf8')[Symbol.asyncIterator]()
    try {
      let text = ''
      const hear = async (what: RegExp): Promise<void> => {
        while (!what.test(text)) {
          const { done, value } = await said.next()
          if (done === true) throw new Error(`it ended with ${JSON.stringify(text)}`)
          text += String(value)
        }
      }
      await hear(/^HTTP\/1\.1 200 /)
      await call('POST', `/~${slug}/Deal`, { name: 'Engine', value: 1 })
      await hear(/^data: .*"Deal\.Created"/m)
    } finally {
      listener.kill()
    }
  })
})

/** Adapts a command to this server and its own tenant, and replaces each `{id}` by the id of an existing entity. */
async function own(command: string, slug: string): Promise<string> {
  let text = command.replaceAll('localhost:8787', new URL(url()).host).replaceAll('~acme', `~${slug}`)
  for (const [, type = ''] of command.matchAll(/\/(\w+)\/\{id\}/g)) {
    const { status, body } = await call('POST', `/~${slug}/${type}`, { name: 'Analytical Engines' })
    expect(status).toBe(201)
    text = text.replace('{id}', String(body['$id']))
  }
  return text
}
