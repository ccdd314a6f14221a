// The program in processes of its own, under the system's Node and under the Node of the tests.

import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'

const program = resolve(import.meta.dirname, '../bin/headlessly.js')
const folder = mkdtempSync(join(tmpdir(), 'headlessly-program-'))
const { url, tenant } = useServer()
const env: Record<string, string> = { ...definedEnvironment(), HOME: folder, NO_COLOR: '' }

beforeAll(() => {
  env['HEADLESSLY_ENDPOINT'] = url()
  // Builds once here, so that parallel processes do not.
  execFileSync(process.execPath, [program, '--version'], { env })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Leaves out the folders in which npm puts the Node of the tests. */
const systemPath = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((part) => !part.includes('node_modules'))
  .join(delimiter)
const systemNode = execFileSync('node', ['-p', 'process.execPath'], {
  env: { ...env, PATH: systemPath },
  encoding: 'utf8',
}).trim()

const nodes = [...new Set([systemNode, process.execPath])].map((node) => ({
  node,
  version: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(),
}))

describe.each(nodes)('under Node $version', ({ node }) => {
  const call = async (...words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    try {
      return { code: 0, ...(await promisify(execFile)(node, [program, ...words], { env })) }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && 'stdout' in error && 'stderr' in error)) throw error
      return { code: Number(error.code), stdout: String(error.stdout), stderr: String(error.stderr) }
    }
  }

  test('a piped list has no colour, and each outcome has its exit code', async () => {
    env['HEADLESSLY_TENANT'] = tenant()
    const made = await call('Contact.create', '--name', 'Ada', '--json')
    expect(made.code).toBe(0)
    const { $id: id }: { $id: string } = JSON.parse(made.stdout)
    expect(await call('Contact.find')).toEqual({ code: 0, stdout: `${id}\tAda\tLead\tActive\n`, stderr: '' })
    expect(await call('Contact.get', 'contact_0123456789AB')).toMatchObject({ code: 1, stdout: '' })
    expect(await call('Contact.fnd')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean 'find'?"),
    })
  })

  test('a reader that closes the pipe is not a failure', async () => {
    const piped = `set -o pipefail; "$0" "$1" schema | { exec 0<&-; sleep 0.6; }`
    await promisify(execFile)('bash', ['-c', piped, node, program], { env })
  })

  test('events are followed until Ctrl-C', async () => {
    env['HEADLESSLY_TENANT'] = tenant()
    const follower = spawn(node, [program, 'events', '--follow', '--after', '0'], { env })
    let heard = ''
    const seen = new Promise<void>((done) => {
      follower.stdout.setEncoding('utf8').on('data', (text: string) => {
        heard += text
        if (heard.includes('\n')) done()
      })
    })
    const ended = new Promise<number | null>((done) => void follower.once('close', done))
    await call('Contact.create', '--name', 'Ada')
    await seen
    follower.kill('SIGINT')
    expect(await ended).toBe(0)
    expect(heard).toMatch(/^1\t\S+\tContact\.Created\tcontact_\w{12}\towner\n$/)
  })

  test('serve starts a server, and after init the next command works', async () => {
    const data = mkdtempSync(join(folder, 'data-'))
    const own = { ...env, HOME: data, HEADLESSLY_TENANT: '', HEADLESSLY_ENDPOINT: '' }
    const server = spawn(node, [program, 'serve', '--port', '0', '--data', join(data, 'served')], { env: own })
    const ended = new Promise<number | null>((done) => void server.once('close', done))
    let said = ''
    const endpoint = await new Promise<string>((done, fail) => {
      server.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text
        const [, found] = /serves on (http:\/\/localhost:\d+),/.exec(said) ?? []
        if (found !== undefined) done(found)
      })
      void ended.then(() => fail(new Error(`it ended: ${said}`)))
    })
    try {
      const run = promisify(execFile)
      await run(node, [program, 'init', '--tenant', 'acme', '--endpoint', endpoint], { env: own })
      await run(node, [program, 'Contact.create', '--name', 'Ada'], { env: own })
      expect((await run(node, [program, 'Contact.count'], { env: own })).stdout).toBe('1\n')
    } finally {
      server.kill('SIGINT')
    }
    expect(await ended).toBe(0)
  })
})

test('bash completes with the completion script', async () => {
  const script = `
    headlessly() { "$NODE" "$PROGRAM" "$@"; }
    source <(headlessly completion bash)
    words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _headlessly; echo "\${COMPREPLY[*]}"; }
    words headlessly ver
    words headlessly Con
    words headlessly Contact.find --sta
    words headlessly Contact.find --stage Q`
  const own = { ...env, NODE: process.execPath, PROGRAM: program }
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { env: own })
  expect(stdout).toBe('verify\nContact. Content.\n--stage --status\nQualified\n')
})

function definedEnvironment(): Record<string, string> {
  const own = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('HEADLESSLY_') && !name.startsWith('npm_'),
  )
  return Object.fromEntries(own.map(([name, value]) => [name, value ?? '']))
}
