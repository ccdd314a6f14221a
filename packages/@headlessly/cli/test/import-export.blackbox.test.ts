// Import and export of files, against the server that ships.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Headlessly } from '@headlessly/sdk'
import { parquetReadObjects } from 'hyparquet'
import Papa from 'papaparse'
import { beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { startProxy } from '../../sdk/test/proxy.ts'
import { makeCli } from './cli.ts'

const { url, tenant } = useServer()
const cli = makeCli()

beforeAll(() => {
  cli.env['HEADLESSLY_ENDPOINT'] = url()
})
beforeEach(() => {
  cli.env['HEADLESSLY_TENANT'] = tenant()
})

function fileOf(name: string, text: string): string {
  const file = join(cli.folder, name)
  writeFileSync(file, text)
  return file
}

async function names(): Promise<string[]> {
  const own = Headlessly({ tenant: cli.env['HEADLESSLY_TENANT'] ?? '', endpoint: url() })
  const found: string[] = []
  for await (const { name } of own.Contact.find({}, { sort: 'name' })) found.push(name)
  return found
}

test('refused lines are reported with line and field, the others are written, and repeating the import writes nothing twice', async () => {
  const file = fileOf(
    'contacts.csv',
    '\uFEFFname,email,leadScore,metadata\r\nAda,ada@example.com,5,"{""a"":1}"\r\nBo,nonsense,x,\r\n"Cy\r\nD",,,\r\n\r\nEd,,1\r\n,e@example.com,,\r\nFa,ada@example.com,,\r\nGi,,,{a}\r\n',
  )
  const first = await cli('import', 'Contact', file)
  expect(first.code).toBe(1)
  const lines = first.stderr.trimEnd().split('\n')
  expect(lines.at(-1)).toBe('2 written, 5 refused')
  for (const line of [
    `${file}:3: field 'email' expects an email address, got "nonsense"; field 'leadScore' expects a number, got "x"`,
    `${file}:7: expected 4 cells, got 3`,
    `${file}:8: field 'name' is required`,
    `${file}:10: field 'metadata' expects JSON, got "{a}"`,
  ])
    expect(lines).toContain(line)
  expect(await names()).toEqual(['Ada', 'Cy\r\nD'])

  const again = await cli('import', 'Contact', file, '--json')
  expect(again.code).toBe(1)
  const report: { written: number; refused: { line: number; fault: string }[] } = JSON.parse(again.stdout)
  expect(report.written).toBe(2)
  expect(report.refused.map(({ line }) => line)).toEqual([3, 7, 8, 9, 10])
  expect(report.refused[0]?.fault).toBe(
    `field 'email' expects an email address, got "nonsense"; field 'leadScore' expects a number, got "x"`,
  )
  expect(report.refused[3]?.fault).toMatch(/email/)
  expect(await names()).toEqual(['Ada', 'Cy\r\nD'])
})

test('a corrected line is a new write, not blocked by the key of the wrong one', async () => {
  const wrong = fileOf('once.ndjson', '{"name":"Ada"}\n{"name":"Bo","stage":"Led"}\n[]\nnonsense\n')
  const { code, stderr } = await cli('import', 'Contact', wrong)
  expect(code).toBe(1)
  expect(stderr).toContain(`${wrong}:2: field 'stage' expects one of Lead, Qualified`)
  expect(stderr).toContain(`${wrong}:3: expected a JSON object\n`)
  expect(stderr).toContain(`${wrong}:4: expected a JSON object\n`)
  expect(
    (await cli('import', 'Contact', fileOf('once.ndjson', '{"name":"Ada"}\n{"name":"Bo","stage":"Lead"}\n'))).code,
  ).toBe(0)
  expect(await names()).toEqual(['Ada', 'Bo'])
})

test.each(['csv', 'ndjson', 'json'])(
  '120 entities exported as %s import unchanged into another tenant',
  async (format) => {
    const rows = Array.from({ length: 120 }, (_, at) => ({
      name: `${at} "quoted", é😀\n`,
      leadScore: at / 8,
      ...(at % 3 === 0 ? { metadata: { at, list: [at, null] }, title: ` ${at} ` } : {}),
      ...(at % 3 === 1 ? { title: '' } : {}),
    }))
    const from = Headlessly({ tenant: cli.env['HEADLESSLY_TENANT'] ?? '', endpoint: url() })
    await from.Contact.createMany(rows)
    const out = await cli('export', 'Contact', '--format', format)
    expect([out.code, out.stderr]).toEqual([0, `${Buffer.byteLength(out.stdout)} bytes written\n`])
    const lines = out.stdout.trimEnd().split('\n')
    if (format === 'json') expect(JSON.parse(out.stdout)).toHaveLength(120)
    if (format === 'ndjson') expect(new Set(lines.map((line) => JSON.parse(line).$id)).size).toBe(120)

    cli.env['HEADLESSLY_TENANT'] = tenant()
    const put = await cli('import', 'Contact', fileOf(`out.${format}`, out.stdout), '--concurrency', '8')
    expect(put).toEqual({ code: 0, stdout: '', stderr: '120 written, 0 refused\n' })
    const to = Headlessly({ tenant: cli.env['HEADLESSLY_TENANT'] ?? '', endpoint: url() })
    const found: object[] = []
    for await (const { name, leadScore, metadata, title } of to.Contact.find({}, { sort: 'leadScore' }))
      found.push({
        name,
        leadScore,
        ...(metadata === undefined ? {} : { metadata }),
        ...(title === undefined ? {} : { title }),
      })
    expect(found).toEqual(rows)
  },
)

test('an import writes hundreds of lines in a commit, and each line once while connections are cut', async () => {
  const proxy = await startProxy(url())
  const bodies: string[] = []
  const send = fetch
  vi.stubGlobal('fetch', (input: string, init: RequestInit) => {
    bodies.push(String(init.body))
    return send(input, init)
  })
  let cuts = 0
  const cutting = setInterval(() => cuts++ < 6 && proxy.cut(), 50)
  try {
    const lines = Array.from({ length: 2_000 }, (_, at) => `Contact ${at},c${at}@example.com`)
    const file = fileOf('cut.csv', ['name,email', ...lines].join('\n'))
    const remote = cli.with({ env: { HEADLESSLY_ENDPOINT: proxy.url } })
    expect(await remote('import', 'Contact', file)).toMatchObject({ code: 0, stderr: '2000 written, 0 refused\n' })
    // Messages after the first may travel over a WebSocket.
    const [first = ''] = bodies.filter((body) => body.includes('createMany'))
    expect([...first.matchAll(/import-[0-9a-f]{40}/g)].length % 200).toBe(0)
    expect(cuts).toBeGreaterThan(1)
    expect(new Set(await names()).size).toBe(2_000)
  } finally {
    clearInterval(cutting)
    vi.unstubAllGlobals()
    proxy.close()
  }
})

test('export writes only matching entities, also as of a time', async () => {
  const own = Headlessly({ tenant: cli.env['HEADLESSLY_TENANT'] ?? '', endpoint: url() })
  const ada = await own.Contact.create({ name: 'Ada' })
  await own.Contact.qualify(ada.$id)
  await own.Contact.create({ name: 'Bo' })
  const out = async (...words: readonly string[]): Promise<unknown> =>
    JSON.parse((await cli('export', 'Contact', '--json', ...words)).stdout).map(
      (row: object) => Object.entries(row).find(([name]) => name === 'stage')?.[1],
    )
  expect(await out('--filter', '{"stage":"Qualified"}')).toEqual(['Qualified'])
  expect(await out('--as-of', ada.$createdAt)).toEqual(['Lead'])
  expect(await out('--filter', '{"name":"none"}')).toEqual([])
})

test('a dry run checks each line at the server and changes nothing', async () => {
  await cli('Contact.create', '--name', 'Ada', '--email', 'ada@example.com')
  const file = fileOf('tried.csv', 'name,email\nBo,bo@example.com\nCy,ada@example.com\nDi,nonsense\n')
  const tried = await cli('import', 'Contact', file, '--dry-run')
  expect(tried.code).toBe(1)
  expect(tried.stderr).toMatch(/:3: .*email/)
  expect(tried.stderr).toContain(`${file}:4: field 'email' expects an email address`)
  expect(tried.stderr).toMatch(/\n1 would be written, 2 refused; nothing was changed\n$/)
  expect(await names()).toEqual(['Ada'])
  expect((await cli('import', 'Contact', file)).stderr).toMatch(/\n1 written, 2 refused\n$/)
})

test('a corrected file writes only the corrected lines, whatever stands beside them', async () => {
  const lines = Array.from({ length: 450 }, (_, at) => JSON.stringify({ name: `n${at}`, email: `e${at}@example.com` }))
  const wrong = lines.map((line, at) => (at === 7 || at === 300 ? line.replace('@', '@@') : line))
  expect((await cli('import', 'Contact', fileOf('many.ndjson', wrong.join('\n')))).stderr).toMatch(/448 written, 2 ref/)
  expect((await cli('import', 'Contact', fileOf('many.ndjson', lines.join('\n')))).stderr).toBe(
    '450 written, 0 refused\n',
  )
  expect(await names()).toHaveLength(450)
})

test.each([
  ['wrong.csv', 'nme\nAda\n', "column 'nme' is not a field of Contact; did you mean 'name'?"],
  ['twice.csv', 'name,name\nAda,Bo\n', "column 'name' occurs twice"],
  ['wrong.json', '{}', 'expected a JSON list'],
  ['wrong.txt', '', 'expected a file that ends with .csv, .json or .ndjson'],
])('%s is refused as a whole', async (name, text, sentence) => {
  const { code, stderr } = await cli('import', 'Contact', fileOf(name, text))
  expect(code).toBe(2)
  expect(stderr).toContain(sentence)
  expect(await names()).toEqual([])
})

test('an unclosed quote is reported with its line, and the rows before it are written', async () => {
  const file = fileOf('open.csv', 'name\nAda\n"Bo\nCy\n')
  const { code, stderr } = await cli('import', 'Contact', file)
  expect(code).toBe(1)
  expect(stderr).toContain(`${file}:3: a quote is not closed; the rest of the file was not read\n`)
  expect(await names()).toEqual(['Ada'])
})

test('an unreachable server ends an import at once, with exit code 1', async () => {
  const file = fileOf('many.ndjson', '{"name":"Ada"}\n'.repeat(200))
  const gone = cli.with({ env: { HEADLESSLY_ENDPOINT: 'http://localhost:1' } })
  const { code, stderr } = await gone('import', 'Contact', file)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: http:\/\/localhost:1 cannot be reached/m)
})

test('for a file of bad lines the first thousand refusals are reported', async () => {
  const file = fileOf('wrong.ndjson', '{"nme":"Ada"}\n'.repeat(1_200))
  const { code, stderr } = await cli('import', 'Contact', file)
  expect(code).toBe(1)
  expect(stderr.split('\n')).toHaveLength(1_003)
  expect(stderr).toMatch(/\nand 200 more lines\n0 written, 1200 refused\n$/)
})

test.each(['csv', 'json', 'ndjson'])('a folder named like a .%s file is reported with exit code 1', async (kind) => {
  const folder = join(cli.folder, `folder.${kind}`)
  mkdirSync(folder)
  expect(await cli('import', 'Contact', folder)).toMatchObject({ code: 1, stderr: expect.stringContaining('EISDIR') })
})

test('a terminal shows the progress', async () => {
  const file = fileOf('some.ndjson', '{"name":"Ada"}\n'.repeat(20))
  const { stderr } = await cli.with({ isTerminal: true })('import', 'Contact', file)
  const shown = stderr.replaceAll('\r\u001b[K', '<again>')
  expect(shown).toMatch(/^<again>\d+ written, 0 refused/)
  expect(shown).toMatch(/<again>20 written, 0 refused\n$/)
})

test.each([
  ['csv', 'name,signedUp\nAda,2024-03-01T10:00:00+01:00\nBo,\nCy,yesterday\n'],
  [
    'ndjson',
    '{"name":"Ada","signedUp":"2024-03-01T10:00:00+01:00"}\n{"name":"Bo"}\n{"name":"Cy","signedUp":"yesterday"}\n',
  ],
])('the times of rows come from a column of the %s file, which need not be a field', async (kind, text) => {
  const file = fileOf(`signed-up.${kind}`, text)
  const { code, stderr } = await cli('import', 'Contact', file, '--at', 'signedUp')
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining("'signedUp' expects a timestamp with an offset, got 'yesterday'"),
  ])
  await cli('Contact.create', '--name', 'Di', '--at', '2025-01-01T00:00:00Z')
  const own = Headlessly({ tenant: cli.env['HEADLESSLY_TENANT'] ?? '', endpoint: url() })
  const happened = (await own.events.list({ limit: 10 })).map(({ data, effective }) => [data['name'], effective])
  expect(new Map(happened as [string, unknown][])).toEqual(
    new Map([
      ['Ada', '2024-03-01T09:00:00.000Z'],
      ['Bo', undefined],
      ['Di', '2025-01-01T00:00:00.000Z'],
    ]),
  )
  expect(await cli('Contact.create', '--name', 'E', '--at', 'friday')).toMatchObject({ code: 2 })
})

test('history load loads the past of a tenant, says which line is wrong, and continues with the corrected file', async () => {
  const line = (timestamp: string, type: string, data: object): string =>
    `${JSON.stringify({ timestamp, type, target: '17', data })}\n`
  const created = line('2024-01-01T00:00:00Z', 'Contact.Created', { name: 'Ada' })
  const wrong = fileOf('past.ndjson', created + line('2024-02-01T00:00:00Z', 'Contact.Qualify', {}))
  expect(await cli('history')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^0 lines are in; more may/) as unknown,
  })
  const refused = await cli('history', 'load', wrong)
  expect([refused.code, refused.stdout]).toEqual([1, ''])
  expect(refused.stderr).toContain('1 line is in; correct line 2, and load the file again')
  expect(refused.stderr).toContain(
    `${wrong}:2: line 2: 'type': Contact has no event 'Qualify'; did you mean 'Qualified'?`,
  )
  const file = fileOf('past.ndjson', created + line('2024-02-01T00:00:00Z', 'Contact.Qualified', {}))
  const loaded = await cli('history', 'load', file, '--json')
  expect(JSON.parse(loaded.stdout)).toEqual({ lines: 2, timestamp: '2024-02-01T00:00:00.000Z', isOpen: true })
  expect((await cli('Contact.count', '--stage', 'Qualified', '--as-of', '2024-01-31T00:00:00Z')).stdout).toBe('0\n')
  expect((await cli('Contact.count', '--stage', 'Qualified', '--as-of', '2024-02-01T00:00:00Z')).stdout).toBe('1\n')
  expect((await cli('history', 'end')).stdout).toBe(
    '2 lines are in, up to 2024-02-01T00:00:00.000Z; the load has ended\n',
  )
  expect((await cli('history', 'load', file)).stderr).toContain('the load of the history has ended after 2 lines')
  expect(await cli('history', 'load')).toMatchObject({ code: 2 })
})

test('every format holds the same entities, over HTTP as by the command, and a refusal is a problem', async () => {
  const name = cli.env['HEADLESSLY_TENANT'] ?? ''
  const own = Headlessly({ tenant: name, endpoint: url() })
  const company = await own.Organization.create({ name: 'Ada & Co' })
  await new Promise((resolve) => setTimeout(resolve, 5))
  const rows = Array.from({ length: 230 }, (_, at) => ({
    name: `${at} ","\n\u2028é`,
    leadScore: at / 8,
    ...(at % 2 === 0 ? { metadata: { at, list: [null, at] } } : {}),
    ...(at % 3 === 0 ? { organization: company.$id } : {}),
  }))
  await own.Contact.createMany(rows)
  const get = async (query: string): Promise<Response> => fetch(`${url()}/~${name}/export/${query}`)
  const listed: Readonly<Record<string, unknown>>[] = await (await get('Contact')).json()
  expect(listed.map((row) => row['$id'])).toEqual(listed.map((row) => String(row['$id'])).toSorted())
  expect(listed).toHaveLength(rows.length)
  const lines = (await (await get('Contact?format=ndjson')).text()).split('\n')
  expect(lines.pop()).toBe('')
  expect(lines.map((line) => JSON.parse(line))).toEqual(listed)

  const parquet = await get('Contact?format=parquet')
  expect(parquet.headers.get('content-disposition')).toBe('attachment; filename="Contact.parquet"')
  const values = ['name', 'leadScore', '$createdAt', 'organization']
  const plain = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : (value ?? undefined))
  const read = await parquetReadObjects({ file: await parquet.arrayBuffer() })
  expect(read.map((row) => values.map((field) => plain(row[field])))).toEqual(
    listed.map((row) => values.map((field) => row[field])),
  )
  expect(read.map((row) => row['metadata'] ?? undefined)).toEqual(
    listed.map((row) => (row['metadata'] === undefined ? undefined : JSON.stringify(row['metadata']))),
  )
  const csv = Papa.parse<Record<string, string>>(await (await get('Contact?format=csv')).text(), {
    header: true,
    skipEmptyLines: true,
  })
  expect(csv.data.map((row) => [row['$id'], row['name'], Number(row['leadScore'])])).toEqual(
    listed.map((row) => [row['$id'], row['name'], row['leadScore']]),
  )

  const filter = encodeURIComponent('{"leadScore":{"$lt":1}}')
  const included: readonly object[] = await (await get(`Contact?filter=${filter}&include=organization`)).json()
  expect(included).toHaveLength(8)
  const others = included.flatMap((row) => ('organization' in row ? [row.organization] : []))
  expect(others).toHaveLength(3)
  expect(others[0]).toMatchObject({ $type: 'Organization', name: 'Ada & Co' })
  expect(await (await get(`Contact?asOf=${company.$createdAt}`)).json()).toEqual([])
  for (const [query, field] of [
    ['Contact?format=xml', 'format'],
    ['Contact?limit=3', 'limit'],
    ['Contact?filter={', 'filter'],
    ['Contact?colour=red', 'colour'],
  ] as const)
    expect(await (await get(query)).json()).toMatchObject({ status: 400, field })
  expect((await get('Nothing')).status).toBe(404)

  const chunks: Uint8Array[] = []
  for await (const chunk of own.export('Contact', { filter: { leadScore: { $lt: 1 } } })) chunks.push(chunk)
  expect(JSON.parse(Buffer.concat(chunks).toString())).toHaveLength(8)
})
