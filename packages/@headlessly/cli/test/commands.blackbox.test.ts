// The commands, called in process against the server that ships.

import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { Headlessly } from '@headlessly/sdk'
import { nouns, serviceNouns } from 'digital-objects'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { allowDevice } from '../../../../checks/oauth/clients/person.ts'
import { run } from '../src/run.ts'
import { makeCli } from './cli.ts'

const { url, tenant, dataFolder } = useServer()
const cli = makeCli()

beforeAll(() => {
  cli.env['HEADLESSLY_ENDPOINT'] = url()
})
beforeEach(() => {
  cli.env['HEADLESSLY_TENANT'] = tenant()
})

async function json(...words: readonly string[]): Promise<Shape> {
  const { code, stdout, stderr } = await cli(...words, '--json')
  expect([code, stderr.replace(/^\d+ (?:written|of).*\n/gm, '')]).toEqual([0, ''])
  return JSON.parse(stdout)
}
// Each test defines the shape it expects by its comparison.
type Shape = Readonly<Record<string, string>> & readonly Readonly<Record<string, string>>[]

describe('entities', () => {
  test('flags, assignments, analyses and members are commands', async () => {
    const idOf = async (...words: readonly string[]): Promise<string> =>
      ((await json(...words)) as unknown as { readonly $id: string }).$id
    await json('FeatureFlag.create', '--key', 'beta', '--status', 'Enabled')
    expect((await cli('flags', '--user-id', 'u_1')).stdout).toMatch(/^beta\ttrue$/m)
    expect(await json('flags', 'beta', '--user-id', 'u_1')).toMatchObject({ value: true, reason: 'rollout' })
    expect((await cli('flags', 'missing')).code).toBe(1)
    const variants = '[{"key":"plain"},{"key":"bold"}]'
    const given = ['--name', 'Page', '--status', 'Running', '--variants', variants, '--primaryMetric', 'ordered']
    const experiment = await idOf('Experiment.create', ...given)
    expect(await json('assign', experiment, '--user-id', 'u_1')).toMatchObject({ isFirst: true, reason: 'assigned' })
    expect(await json('analysis', 'Experiment', experiment)).toMatchObject({ sampleSize: 1, conversions: 0 })
    for (const name of ['visited', 'ordered']) await json('Event.create', '--name', name, '--userId', 'u_1')
    const funnel = await idOf('Funnel.create', '--name', 'Orders', '--steps', '["visited","ordered"]')
    expect(await json('analysis', 'Funnel', funnel, '--within', 'P7D')).toMatchObject({ conversionRate: 1, total: 1 })
    const segment = await idOf('Segment.create', '--name', 'big', '--criteria', '{"name":"Zoe"}')
    await json('Contact.create', '--name', 'Zoe')
    expect(await json('members-of', 'Segment', segment)).toMatchObject([{ name: 'Zoe' }])
  })

  test('are created, read, changed by field and by verb, found, counted and deleted', async () => {
    const made = await json('Contact.create', '--name', 'Ada', '--leadScore', '5', '--metadata', '{"a":[1]}')
    expect(made).toMatchObject({ $type: 'Contact', name: 'Ada', leadScore: 5, metadata: { a: [1] }, $version: 1 })
    const id = made['$id'] ?? ''
    expect(
      await json(
        'Contact.update',
        id,
        '--clear',
        'leadScore',
        '--set',
        '{"title":"Countess","phone":"1"}',
        '--phone',
        '2',
      ),
    ).toMatchObject({ title: 'Countess', phone: '2', $version: 2 })
    expect(await json('do', 'Contact.qualify', id, '--leadScore', '80')).toMatchObject({
      stage: 'Qualified',
      leadScore: 80,
    })
    expect(await json('Contact.get', id, '--fields', 'name', '--strong')).toEqual({
      $type: 'Contact',
      $id: id,
      name: 'Ada',
    })
    await json('Contact.create', '--name', 'Bo', '--leadScore', '-7')
    await json('Contact.create', '--name', 'Cy', '--leadScore', '9')
    const names = async (...words: readonly string[]): Promise<unknown> =>
      (await json(...words)).map(({ name }) => name)
    expect(await names('Contact.find', '--sort', '-leadScore', '--limit', '2')).toEqual(['Ada', 'Cy'])
    expect(await names('query', 'Contact', '--stage', 'Lead', '--sort', 'name')).toEqual(['Bo', 'Cy'])
    expect(await names('Contact.find', '--stage', 'Lead', '--filter', '{"leadScore":{"$lt":0}}')).toEqual(['Bo'])
    expect(await names('Contact.find', '--lead-score', '-7')).toEqual(['Bo'])
    expect(await json('Contact.count', '--stage', 'Lead')).toEqual({ count: 2 })
    expect((await cli('Contact.count')).stdout).toBe('3\n')
    // A value beyond the range of the field is a legal question.
    expect(await cli('Deal.count', '--value', '-3')).toMatchObject({ code: 0, stdout: '0\n' })
    expect(await cli('Deal.find', '--probability=900')).toMatchObject({ code: 0 })
    expect((await cli('metrics', 'contacts')).stdout).toMatch(/^value\t3$/m)
    expect((await cli('metrics')).stdout).toMatch(/^pipeline\tcontacts\t3$/m)
    expect((await cli('metrics', 'contacts', '--step', 'day')).stdout.trim().split('\n').at(-1)).toMatch(
      /^\d{4}-\d\d-\d\d\t3$/,
    )
    expect((await cli('Contact.aggregate', '--by', 'stage', '--sum', '$version', '--sort', '-count')).stdout).toMatch(
      /^Lead\t2\t2\n/,
    )
    expect(await json('Contact.delete', id)).toEqual({ deleted: id })
    const gone = await cli('Contact.get', id)
    expect(gone).toEqual({ code: 1, stdout: '', stderr: `error: no Contact '${id}'\n` })
  })

  test('are created by a verb that creates, and include their relations', async () => {
    const ada = await json('Contact.capture', '--name', 'Ada')
    expect(ada['$version']).toBe(1)
    await json('Deal.create', '--name', 'Engine', '--value', '12000', '--contact', ada['$id'] ?? '')
    const found = await json('Contact.get', ada['$id'] ?? '', '--include', 'deals')
    expect(found['deals']).toMatchObject([{ name: 'Engine', value: 12_000 }])
  })

  test('are written once per key, and only at the expected version', async () => {
    const first = await json('Contact.create', '--name', 'Ada', '--idempotency-key', 'k')
    expect(await json('Contact.create', '--name', 'Ada', '--idempotency-key', 'k')).toEqual(first)
    expect(await json('Contact.count')).toEqual({ count: 1 })
    const late = await cli('Contact.update', first['$id'] ?? '', '--name', 'B', '--if-version', '7', '--json')
    expect(late.code).toBe(1)
    expect(JSON.parse(late.stderr)).toMatchObject({ code: 'version_conflict', field: 'ifVersion' })
  })

  test('are tab-separated lines for other programs, page by page', async () => {
    for (const name of ['Ada', 'B\to\n', 'Cy']) await json('Contact.create', '--name', name)
    const lines = await cli('Contact.find', '--fields', 'name,stage', '--sort', 'name')
    const rows = lines.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'))
    expect(rows.map(([, ...rest]) => rest)).toEqual([
      ['Ada', 'Lead'],
      ['B\\to\\n', 'Lead'],
      ['Cy', 'Lead'],
    ])
    const first = await cli('Contact.find', '--sort', 'name', '--limit', '2', '--json')
    const [, cursor = ''] = /^2 of 3; next page: --cursor (\S+)\n$/.exec(first.stderr) ?? []
    const next = await json('Contact.find', '--sort', 'name', '--limit', '2', '--cursor', cursor)
    expect(next.map(({ name }) => name)).toEqual(['Cy'])
    const some = await cli('Contact.find', '--stage', 'Lead', '--limit', '2')
    expect(some.stderr).toMatch(/^2; next page: --cursor \S+\n$/)
    const counted = await cli('Contact.find', '--stage', 'Lead', '--limit', '2', '--count')
    expect(counted.stderr).toMatch(/^2 of 3; next page: --cursor \S+\n$/)
  })

  test('are a fitting table on a terminal, with control characters escaped', async () => {
    await json('Contact.create', '--name', `\u001b[2J${'x'.repeat(100)}`, '--title', 't', '--phone', '1')
    const onTerminal = cli.with({ isTerminal: true, columns: 70 })
    const { stdout } = await onTerminal('Contact.find')
    const shown = stdout.replaceAll('\u001b[1m', '<b>').replaceAll('\u001b[0m', '</b>')
    expect(shown).toMatch(/^<b>\$id +name.*<\/b>\ncontact_\w{12} {2}\\u001b\[2Jx+…/)
    expect(shown).not.toContain('\u001b')
    for (const line of shown.replaceAll(/<\/?b>/g, '').split('\n')) expect(line.length).toBeLessThanOrEqual(70)
    const plain = await cli.with({ isTerminal: true, env: { NO_COLOR: '1' } })('Contact.find')
    expect(plain.stdout).not.toContain('\u001b')
    expect((await cli('Contact.find')).stdout).not.toContain('\u001b')
    expect(await onTerminal('Deal.find')).toEqual({ code: 0, stdout: '', stderr: 'none\n' })
  })
})

describe('a wrong command line is refused with exit code 2, and nothing is sent', () => {
  test.each([
    [['Contact.create'], 'error: --name is required\nsee headlessly help Contact.create\n'],
    [['Contact.create', '--name', 'A', '--email', 'x'], '--email expects an email address, got "x"'],
    [['Contact.crate'], "Contact has no method 'crate'; did you mean 'create'?"],
    [['Contcat.find'], "unknown type 'Contcat'; did you mean 'Contact'?"],
    [['Contact'], 'Contact expects a method, such as Contact.find'],
    [['Contact', 'create'], 'Contact expects a method, written Contact.create'],
    [['schema', 'put', 'Vehicle', 'nowhere.json'], "file not found: 'nowhere.json'"],
    [['verfy'], "unknown command 'verfy'; did you mean 'verify'?"],
    [['do', 'qualify'], "do expects a function such as '($) => $.Contact.count()', or <Type>.<verb>, got 'qualify'"],
    [['query'], 'query expects <Type>'],
    [['Contact.get'], 'Contact.get expects <id>'],
    [['Contact.get', 'deal_0123456789AB'], 'expects the id of the Contact'],
    [['Contact.get', 'contact_0123456789AB', 'b'], "Contact.get does not expect 'b'"],
    [['Contact.update', 'contact_0123456789AB'], 'expected a field to change'],
    [['Contact.update', 'contact_0123456789AB', '--clear', 'nme'], "--clear expects a field of Contact, got 'nme'"],
    [['history', 'nobody_0123456789AB'], 'expected an id such as'],
    [['rollback', 'contact_0123456789AB'], 'expected either --version or --as-of'],
    [['events', '--type', 'Deal'], '--type expects a pattern'],
    [['events', '--follow', '--limit', '3'], '--follow cannot be combined with --limit'],
    [['events', '--follow', '--actor', 'user_1'], '--follow cannot be combined with --actor'],
    [['export', 'Contact', '--format', 'xml'], '--format expects one of ndjson, csv, json, parquet'],
    [['import', 'Contact', 'nowhere.csv'], "file not found: 'nowhere.csv'"],
    [['Contact.find', '--sort', '-leadScor'], '--sort: '],
    [['Contact.find', '--filter', '{"leadScor":1}'], "did you mean 'leadScore'?"],
    [['Contact.count', '--filter', '{"leadScore":{"$gtt":1}}'], '--filter: '],
    [['Contact.find', '--fields', 'name,stge'], "--fields: Contact has no 'stge'; did you mean 'stage'?"],
    [['Contact.get', 'contact_0123456789AB', '--include', 'deal'], "--include: Contact has no 'deal'; did you mean"],
    [['export', 'Contact', '--as-of', 'yesterday'], '--as-of expects a timestamp'],
    [['--nonsense'], 'expected a command, got --nonsense'],
    [['--tenant'], 'expected a command, got --tenant'],
    [['completion', 'csh'], 'completion expects one of bash, zsh, fish'],
    [['help', 'verfy'], "did you mean 'verify'?"],
    [['Contact.find', '--tenant', 'No One'], 'tenant expects'],
    [['Contact.find', '--endpoint', 'ftp://x'], 'endpoint expects http or https'],
  ])('%j', async (words, sentence) => {
    const { code, stdout, stderr } = await cli(...words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(sentence)
    expect((await cli('events')).stdout).toBe('')
  })
})

test('a refusal of the server is reported in its words with exit code 1', async () => {
  await json('Contact.create', '--name', 'A', '--email', 'a@example.com')
  const twice = await cli('Contact.create', '--name', 'B', '--email', 'a@example.com')
  expect(twice).toMatchObject({ code: 1, stdout: '' })
  expect(twice.stderr).toMatch(/^error: .*email.*\n$/)
})

test('an unreachable server is reported with exit code 1', async () => {
  const { code, stderr } = await cli('flush', '--endpoint', 'http://localhost:1')
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: http:\/\/localhost:1 cannot be reached/)
})

describe('the past', () => {
  test('is listed by event and by entity, and can be restored', async () => {
    const { $id: id = '' } = await json('Contact.create', '--name', 'Ada')
    await json('Contact.update', id, '--name', 'Bo')
    await json('Deal.create', '--name', 'Engine', '--value', '1')
    expect((await json('events')).map(({ type }) => type)).toEqual([
      'Contact.Created',
      'Contact.Updated',
      'Deal.Created',
    ])
    expect((await json('events', '--type', 'Deal.*')).map(({ seq }) => seq)).toEqual([3])
    expect((await json('events', '--type', 'Deal.*', '--actor', 'owner')).map(({ seq }) => seq)).toEqual([3])
    expect(await json('events', '--actor', 'user_0123456789AB')).toEqual([])
    expect((await json('events', '--after', '1', '--type', 'Contact.*')).map(({ seq }) => seq)).toEqual([2])
    const { stdout } = await cli('history', id, '--limit', '1')
    expect(stdout).toMatch(/^1\t\S+\tContact.Created\t1\towner\n$/)
    expect(await json('rollback', id, '--version', '1')).toMatchObject({ name: 'Ada', $version: 3 })
  })

  test('and new events are followed in order until the command is ended', async () => {
    await json('Deal.create', '--name', 'Before', '--value', '1')
    const ending = new AbortController()
    let heard = ''
    const follow = cli.with({
      signal: ending.signal,
      heard: (text) => {
        heard += text
        if (heard.includes('"seq":4')) ending.abort()
      },
    })
    const followed = follow('events', '--type', 'Deal.*', '--after', '0', '--follow', '--json')
    await json('Deal.create', '--name', 'One', '--value', '1')
    await json('Contact.create', '--name', 'Not heard')
    await json('Deal.create', '--name', 'Two', '--value', '1')
    const { code, stdout } = await followed
    expect(code).toBe(0)
    const names = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).data.name)
    expect(names).toEqual(['Before', 'One', 'Two'])
  })
})

test('the lake of the named tenant is flushed, verified and rebuilt', async () => {
  await json('Contact.create', '--name', 'Ada')
  const { HEADLESSLY_TENANT: own = '' } = cli.env
  expect((await cli('flush')).code).toBe(0)
  expect(await json('verify')).toMatchObject({ isWhole: true, events: 1 })
  expect((await cli.with({ env: { HEADLESSLY_TENANT: 'another' } })('rebuild', own)).code).toBe(0)
  expect((await cli('verify', own)).stdout).toContain('isWhole\ttrue\n')
})

test('verify reports a tenant with damaged files with exit code 1', async () => {
  await json('Contact.create', '--name', 'Ada')
  await json('flush')
  const own = join(dataFolder, 'lake', cli.env['HEADLESSLY_TENANT'] ?? '')
  const files = readdirSync(own, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'))
  expect(files.length).toBeGreaterThan(0)
  for (const name of files) rmSync(join(own, name))
  const { code, stdout } = await cli('verify', '--json')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ isWhole: false })
})

describe('settings', () => {
  const file = (): string => join(cli.folder, '.headlessly/config.json')

  test('login writes them for the owner only; flags override the environment, which overrides the file', async () => {
    const bare = cli.with({ env: { HEADLESSLY_TENANT: '', HEADLESSLY_ENDPOINT: '' } })
    expect(await bare('Contact.count')).toMatchObject({ code: 2, stderr: expect.stringContaining('no tenant') })
    const [saved, named, given] = [tenant(), tenant(), tenant()]
    expect((await bare('login', '--tenant', saved, '--endpoint', url(), '--api-key', 'of-a-proxy')).code).toBe(0)
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({ tenant: saved, endpoint: url(), apiKey: 'of-a-proxy' })
    for (const of of [saved, named, given])
      await Headlessly({ tenant: of, endpoint: url() }).Contact.create({ name: of })
    const nameOf = async (...words: readonly string[]): Promise<unknown> => {
      const withName =
        words[0] === 'env' ? cli.with({ env: { HEADLESSLY_TENANT: named, HEADLESSLY_ENDPOINT: '' } }) : bare
      return JSON.parse((await withName('Contact.find', '--json', ...words.slice(1))).stdout)[0].name
    }
    expect(await nameOf('file')).toBe(saved)
    expect(await nameOf('env')).toBe(named)
    expect(await nameOf('env', '--tenant', given)).toBe(given)
  })

  test('init writes a tenant and suggests a command, in the folder of HEADLESSLY_CONFIG', async () => {
    const folder = join(cli.folder, 'elsewhere')
    const own = cli.with({ env: { HEADLESSLY_CONFIG: folder, HEADLESSLY_TENANT: '', HEADLESSLY_ENDPOINT: '' } })
    const { code, stdout } = await own('init')
    expect(code).toBe(0)
    expect(stdout).toContain('headlessly Contact.create --name')
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toEqual({ tenant: 'acme' })
    expect((await own('login', '--tenant', 'x')).code).toBe(2)
    writeFileSync(join(folder, 'config.json'), '{"tenant":1}')
    expect(await own('Contact.count')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("expects a string as 'tenant'"),
    })
  })
})

test('a saved key is sent to its own server only', async () => {
  const heard: (string | undefined)[] = []
  const servers = await Promise.all(
    [0, 1].map(async () => {
      const server = createServer((request, response) => {
        heard.push(request.headers.authorization)
        response.setHeader('content-type', 'application/json').end('{"count":0}')
      })
      await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
      const address = server.address()
      return { server, endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` }
    }),
  )
  const [own, other] = servers.map(({ endpoint }) => endpoint)
  const env = { HEADLESSLY_CONFIG: join(cli.folder, 'keyed'), HEADLESSLY_ENDPOINT: '' }
  const keyed = cli.with({ env })
  await keyed('login', '--tenant', 'acme', '--endpoint', own ?? '', '--api-key', 'hly_secret')
  await keyed('Contact.count')
  await keyed('Contact.count', '--endpoint', `${own}/`)
  await keyed('Contact.count', '--endpoint', other ?? '')
  await cli.with({ env: { ...env, HEADLESSLY_ENDPOINT: other ?? '' } })('Contact.count')
  await keyed('Contact.count', '--endpoint', other ?? '', '--api-key', 'hly_other')
  // A command asks for the tenant's types before its own call.
  const keys = ['Bearer hly_secret', 'Bearer hly_secret', undefined, undefined, 'Bearer hly_other']
  expect(heard).toEqual(keys.flatMap((key) => [key, key]))
  for (const { server } of servers) server.close()
})

test('the schema of all types and of one type is shown without a server', async () => {
  const bare = cli.with({ env: { HEADLESSLY_ENDPOINT: 'http://localhost:1' } })
  const all = (await bare('schema')).stdout
  expect(all.split('\n')).toHaveLength(Object.keys({ ...nouns, ...serviceNouns }).length + 1)
  expect(all).toContain('Payment\tbilling\tMoney that a customer pays, usually towards an invoice.\n')
  const { stdout } = await bare('schema', 'Contact')
  expect(stdout).toMatch(/^stage\tLead \| Qualified \| Customer \| Churned \| Partner\t.+\. \(Lead by default\)$/m)
  expect(stdout).toContain('qualify\tContact.Qualified\tSets stage to Qualified.\n')
  expect(JSON.parse((await bare('schema', 'Contact', '--json')).stdout)).toMatchObject({
    fields: { email: { description: 'Email address, unique among contacts.' } },
  })
})

test('login signs in by a code, commands at the same time refresh the token once, and logout revokes it', async () => {
  const own = tenant()
  await Headlessly({ tenant: own, endpoint: url() }).Contact.create({ name: 'Ada' })
  const folder = join(cli.folder, 'signed-in')
  const env = { HEADLESSLY_CONFIG: folder, HEADLESSLY_TENANT: own, HEADLESSLY_ENDPOINT: url() }
  const signedIn = cli.with({ env })
  let said = ''
  const stream = { write: (text: string) => (said += text) }
  const login = run(['login', '--scope', 'read'], { stdout: stream, stderr: stream, env })
  await vi.waitFor(() => expect(said).toContain('user_code='))
  await allowDevice(/http\S+/.exec(said)?.[0] ?? '')
  expect(await login).toBe(0)
  const file = join(folder, 'sign-ins.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const context = `${url()}/~${own}`
  const held = (): Shape => JSON.parse(readFileSync(file, 'utf8'))[context]
  const first = held()
  const whoami = async (): Promise<Shape> => JSON.parse((await signedIn('whoami', '--json')).stdout)
  expect(await whoami()).toMatchObject({
    actor: 'owner',
    key: expect.stringMatching(/^grant_/),
    mayDoEverything: false,
  })
  expect((await signedIn('Contact.create', '--name', 'Bo')).code).toBe(1)
  writeFileSync(file, JSON.stringify({ [context]: { ...first, endsMs: 0 } }))
  const keys = await Promise.all([whoami(), whoami(), whoami()])
  expect(new Set(keys.map(({ key }) => key)).size).toBe(1)
  const second = held()
  expect(second['accessToken']).not.toBe(first['accessToken'])
  // The token is for its tenant, and another one is reached without it.
  expect(JSON.parse((await signedIn('whoami', '--tenant', tenant(), '--json')).stdout)).not.toHaveProperty('key')
  expect((await signedIn('logout')).code).toBe(0)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({})
  expect(await whoami()).not.toHaveProperty('key')
  const headers = { authorization: `Bearer ${second['accessToken']}` }
  expect((await fetch(`${context}/whoami`, { headers })).status).toBe(401)
})
