// Dry runs, commits and undo on the command line, in process against the shipped server.

import { Headlessly } from '@headlessly/sdk'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'
import { makeCli } from './cli.ts'

const { url, tenant } = useSharedServer()
const cli = makeCli()
let name = ''

beforeAll(() => {
  cli.env['HEADLESSLY_ENDPOINT'] = url()
})
beforeEach(() => {
  name = tenant()
  cli.env['HEADLESSLY_TENANT'] = name
})

async function lines(...words: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await cli(...words)
  expect([code, stderr]).toEqual([0, ''])
  return stdout.trimEnd().split('\n')
}

const create = async (...flags: readonly string[]): Promise<string> => {
  const { $id } = JSON.parse((await cli('Contact.create', ...flags, '--json')).stdout) as { readonly $id: string }
  return $id
}

test('a dry run of a write prints its events in words, and changes nothing', async () => {
  const id = await create('--name', 'Ada', '--title', 'CTO')
  const nothing = (count: string): string => `${count} would happen; nothing was changed\n`
  const dry = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await cli(...words, '--dry-run')
    return { code, stdout, stderr: stderr.replace(/^to do it: .*\n/m, '') }
  }
  expect(await dry('Contact.update', id, '--title', 'CEO', '--phone', '1')).toEqual({
    code: 0,
    stdout: `Contact.Updated ${id}: title from CTO to CEO, phone from nothing to 1\n`,
    stderr: nothing('1 event'),
  })
  expect(await dry('Contact.qualify', id)).toMatchObject({
    stdout: expect.stringMatching(/^Contact\.Qualified \S+: stage from Lead to Qualified/) as string,
  })
  expect(await dry('Contact.create', '--name', 'Bo')).toMatchObject({
    stdout: expect.stringMatching(/^Contact\.Created contact_\w{12}: name Bo, stage Lead/) as string,
  })
  expect(await dry('Contact.delete', id)).toMatchObject({ code: 0, stdout: `Contact.Deleted ${id}\n` })
  expect(await dry('rollback', id, '--version', '1')).toEqual({ code: 0, stdout: '', stderr: nothing('0 events') })
  const json = JSON.parse((await cli('Contact.update', id, '--title', 'CEO', '--dry-run', '--json')).stdout) as object
  expect(json).toMatchObject({ dryRun: true, events: [{ type: 'Contact.Updated' }], refusals: [] })
  expect(await lines('Contact.find', '--fields', 'title')).toEqual([`${id}\tCTO`])
  expect(await lines('commits')).toHaveLength(1)
})

test('what a dry run has shown is executed once', async () => {
  const id = await create('--name', 'Ada')
  const { stderr } = await cli('Contact.update', id, '--title', 'CTO', '--dry-run')
  const [, plan = ''] = /^to do it: headlessly execute (\S+)$/m.exec(stderr) ?? []
  expect(JSON.parse((await cli('execute', plan, '--json')).stdout)).toMatchObject({ $id: id, title: 'CTO' })
  expect(await cli('execute', plan)).toMatchObject({ code: 1, stderr: expect.stringContaining('executed') as string })
})

test('a dry run of a refused write prints why, and fails', async () => {
  await create('--name', 'Ada', '--email', 'ada@example.com')
  const { code, stdout, stderr } = await cli('Contact.create', '--name', 'E', '--email', 'ada@example.com', '--dry-run')
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^error: .*email.*\nit would be refused; nothing was changed\n$/)
})

test('commits are listed newest first, and shown with their events', async () => {
  const $ = Headlessly({ tenant: name, endpoint: url() })
  await create('--name', 'Ada')
  await $.batch((tx) => ['a', 'b'].map((each) => tx.Contact.create({ name: each })))
  const { commit } = await $.batch((tx) => {
    const org = tx.Organization.create({ name: 'Acme' })
    return tx.Contact.create({ name: 'Bo', organization: org.$id })
  })
  const listed = (await lines('commits')).map((line) => line.split('\t'))
  expect(listed.map(([number, , actor, events]) => [number, actor, events])).toEqual([
    ['4', 'owner', 'Organization.Created, Contact.Created'],
    ['2', 'owner', '2 Contact.Created'],
    ['1', 'owner', 'Contact.Created'],
  ])
  expect(await lines('commits', '--limit', '1', '--before', '4')).toHaveLength(1)
  const shown = await lines('commits', String(commit))
  expect(shown[0]).toMatch(/^commit 4, 20\S+, by owner$/)
  expect(shown[2]).toMatch(/^ {2}Contact\.Created contact_\w+: name Bo, .*organization organization_\w+/)
  expect(JSON.parse((await cli('commits', '4', '--json')).stdout)).toMatchObject({ commit: 4, events: [{}, {}] })
  expect(await cli('commits', '3')).toMatchObject({ code: 1, stderr: expect.stringContaining('commit 2') as string })
  expect(await cli('commits', 'x')).toMatchObject({ code: 2 })
})

test('undo takes back a commit, a range, or what an actor did since a time', async () => {
  const id = await create('--name', 'Ada')
  await cli('Contact.update', id, '--title', 'CTO')
  expect((await cli('undo', '2', '--dry-run')).stdout).toBe(`Contact.Updated ${id}: title from CTO to nothing\n`)
  const undone = await lines('undo', '2')
  expect(undone[0]).toMatch(/^commit 3, /)
  expect(undone[1]).toBe(`  Contact.Updated ${id}: title from CTO to nothing`)
  expect(JSON.parse((await cli('undo', '--from', '1', '--to', '3', '--json')).stdout)).toMatchObject({ commit: 4 })
  expect((await cli('Contact.count')).stdout).toBe('0\n')
  await create('--name', 'Bo')
  const since = new Date(Date.now() - 60_000).toISOString()
  expect(await cli('undo', '--actor', 'nobody', '--since', since)).toEqual({
    code: 0,
    stdout: '',
    stderr: 'there was nothing to take back\n',
  })
  const conflict = await create('--name', 'Cy')
  await cli('Contact.update', conflict, '--title', 'a')
  await cli('Contact.update', conflict, '--title', 'b')
  expect(await cli('undo', '7')).toMatchObject({ code: 1, stderr: expect.stringContaining('title') as string })
  for (const wrong of [[], ['1', '--from', '1', '--to', '2'], ['--from', '1'], ['--actor', 'a'], ['x']])
    expect(await cli('undo', ...wrong)).toMatchObject({ code: 2, stdout: '' })
})
