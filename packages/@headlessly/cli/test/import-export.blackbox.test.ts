// Import and export of files, against the server that ships.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Headlessly } from '@headlessly/sdk'
import { parquetReadObjects } from 'hyparquet'
import Papa from 'papaparse'
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

function fileOf(name: string, text: string): string {
  const file = join(cli.folder, name)
  writeFileSync(file, text)
  return file
}

async function names(): Promise<string[]> {
  const own = Headlessly({ tenant: cli.env['HEADLESSLY_TENANT'] ?? '', endpoint: url() })
  const found: string[] = []
  for await (const { name } of own.Contact.find({}, { sort: 'name', strong: true })) found.push(name)
  return found
}

test('refused lines are reported with line and field, the others are written, and repeating the import changes nothing', async () => {
  const file = fileOf(
    'contacts.csv',
    '\uFEFFname,email,leadScore,metadata\r\nAda,ada@example.com,5,"{""a"":1}"\r\nBo,nonsense,x,\r\n"Cy\r\nD",cy@example.com,,\r\n\r\nEd,,1\r\n,e@example.com,,\r\nGi,gi@example.com,,{a}\r\n',
  )
  const rest = join(cli.folder, 'refused.csv')
  const first = await cli('import', 'Contact', file, '--refused', rest)
  expect(first.code).toBe(1)
  const lines = first.stderr.trimEnd().split('\n')
  expect(lines.at(-1)).toMatch(/^2 written, 4 refused; headlessly undo --job job_\w+ takes it back$/)
  for (const line of [
    `${file}:3: column 'leadScore' expects a number, got 'x'`,
    `${file}:7: expected 4 cells, got 3: quote a cell that has the delimiter or a line break`,
    `${file}:8: field 'name' is required`,
    `${file}:9: column 'metadata' expects JSON, got '{a}'`,
  ])
    expect(lines).toContain(line)
  expect(await names()).toEqual(['Ada', 'Cy\r\nD'])
  const events = async (): Promise<number> =>
    (await Headlessly({ tenant: cli.env['HEADLESSLY_TENANT'] ?? '', endpoint: url() }).status()).events
  const before = await events()
  const again = await cli('import', 'Contact', file, '--json')
  const report: { written: number; refused: { line: number; fault: string }[] } = JSON.parse(again.stdout)
  expect([again.code, report.written, report.refused.map(({ line }) => line)]).toEqual([1, 2, [3, 7, 8, 9]])
  expect(await events()).toBe(before)

  // The refused rows are a file that can be corrected. A row is inserted, and columns are swapped.
  const corrected = readFileSync(rest, 'utf8')
    .replace('nonsense,x', 'bo@example.com,7')
    .replace(/^,e@/m, 'Em,e@')
    .replace('{a}', '{}')
  const columns = '{"Line":"","Reason":""}'
  const second = await cli('import', 'Contact', fileOf('corrected.csv', corrected), '--columns', columns)
  expect(second.stderr).toMatch(/:3: expected 6 cells, got 6|:3: field 'name' is required\n3 written, 1 refused; /)
  expect(await names()).toEqual(expect.arrayContaining(['Ada', 'Bo', 'Em', 'Gi']))
  await cli('import', 'Contact', fileOf('swapped.csv', 'email,name\nnew@example.com,New\nada@example.com,Ada Byron\n'))
  expect(await names()).toEqual(expect.arrayContaining(['Ada Byron', 'New']))
  expect((await names()).filter((name) => name.startsWith('Ada'))).toEqual(['Ada Byron'])
})

test.each(['csv', 'ndjson', 'json'])(
  '120 entities exported as %s import unchanged into another tenant, and their ids are known there',
  async (format) => {
    const rows = Array.from({ length: 120 }, (_, at) => ({
      name: `${at} "quoted", é😀\u2028\n`,
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
    const file = fileOf(`out.${format}`, out.stdout)
    for (const _ of [1, 2])
      expect(await cli('import', 'Contact', file)).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/^120 written, 0 refused; /) as unknown,
      })
    const to = Headlessly({ tenant: cli.env['HEADLESSLY_TENANT'] ?? '', endpoint: url() })
    const found: object[] = []
    for await (const { name, leadScore, metadata, title } of to.Contact.find({}, { sort: 'leadScore', strong: true }))
      found.push({
        name,
        leadScore,
        ...(metadata === undefined ? {} : { metadata }),
        ...(title === undefined ? {} : { title }),
      })
    expect(found).toEqual(rows)
  },
)

// Node has had a reader of SQLite files since version 22.13.
const hasSqlite = process.getBuiltinModule('node:sqlite') !== undefined

test.skipIf(!hasSqlite)('a table of a SQLite file is imported, and a file with several asks for one', async () => {
  const file = join(cli.folder, 'crm.sqlite')
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(file)
  database.exec(`CREATE TABLE people (name TEXT, "e-mail" TEXT, phone INTEGER, "lead score" REAL, photo BLOB);
    INSERT INTO people VALUES ('Ada, "the first"', 'ada@example.com', 4917112345678, 1.234, NULL), ('Bo', '', NULL, NULL, NULL);
    CREATE VIEW contacts AS SELECT name, "e-mail", phone, "lead score" FROM people; CREATE TABLE other (a)`)
  database.close()
  const open = await cli('import', 'Contact', file)
  expect([open.code, open.stderr]).toEqual([
    1,
    expect.stringContaining('has the tables contacts, other, people: name one'),
  ])
  const { code, stderr } = await cli('import', 'Contact', file, '--table', 'contacts')
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^2 written, 0 refused/m)])
  const own = Headlessly({ tenant: cli.env['HEADLESSLY_TENANT'] ?? '', endpoint: url() })
  for await (const ada of own.Contact.find({ name: 'Ada, "the first"' }, { strong: true }))
    expect(ada).toMatchObject({ email: 'ada@example.com', phone: '4917112345678', leadScore: 1.234 })
  expect(await names()).toEqual(['Ada, "the first"', 'Bo'])
})

test('an export of another product keeps associations and dates, follows later rows, and is undone as a whole', async () => {
  const accounts =
    'Id,Name,ParentId,BillingCity,CreatedDate,Custom__c\n001B,Acme Sub,001A,Köln,2023-01-02T03:04:05.000+0000,x\n001A,Acme,,Berlin,2023-01-01T03:04:05.000+0000,\n001C,Lost,001X,,2023-01-01T03:04:05.000+0000,\n'
  const first = await cli('import', 'Organization', fileOf('Account.csv', accounts))
  expect(first.stderr).toMatch(
    /:4: the row was imported without 'parent': 'parent': there is no Organization .*'001X'\n2 written, 1 refused/,
  )
  const people =
    'Id,AccountId,FirstName,LastName,Email,CreatedDate\n003A,001B,Grace,Hopper,grace@example.com,2023-02-01T00:00:00.000Z\n'
  const second = await cli('import', 'Contact', fileOf('Contact.csv', people), '--json')
  const own = Headlessly({ tenant: cli.env['HEADLESSLY_TENANT'] ?? '', endpoint: url() })
  const [grace] = await own.Contact.find({}, { include: ['organization', 'organization.parent'], strong: true })
  expect(grace).toMatchObject({
    name: 'Grace Hopper',
    organization: { name: 'Acme Sub', parent: { name: 'Acme' }, metadata: { Custom__c: 'x' } },
  })
  const [created] = await own.events.list({ type: 'Contact.Created', limit: 1 })
  expect(created).toMatchObject({ effective: '2023-02-01T00:00:00.000Z' })
  expect((await cli('undo', '--job', JSON.parse(second.stdout).job)).code).toBe(0)
  expect(await own.Contact.count({}, { strong: true })).toBe(0)
  // The name of a deleted entity is free again.
  expect((await cli('import', 'Contact', fileOf('Contact.csv', people))).code).toBe(0)
  expect(await own.Contact.count({}, { strong: true })).toBe(1)
})

test.each([
  ['openpyxl.xlsx', 'Customer Since'],
  ['pyarrow.parquet', 'customerSince'],
])('%s, as another program wrote it, is imported', async (name, since) => {
  const file = join(import.meta.dirname, '../../../database.do/src/import/files', name)
  const { code, stderr } = await cli('import', 'Contact', file, '--columns', `{"${since}":"$at"}`)
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^2 written, 0 refused/m)])
  expect(await names()).toEqual(['Jürgen Groß', 'Zoë 😀'])
})

test('a dry run shows the field of each column and the rows whose values are refused, and changes nothing', async () => {
  const bytes = Buffer.from(
    'Vorname;Nachname;E-Mail;Firma\r\nJ\xfcrgen;Gro\xdf;j@example.de;Acme\r\nBo;;nonsense;\r\n',
    'latin1',
  )
  const file = join(cli.folder, 'kunden.csv')
  writeFileSync(file, bytes)
  const tried = await cli('import', 'Contact', file, '--dry-run')
  expect(tried.code).toBe(1)
  expect(tried.stdout).toContain('Vorname\tfirstName\tsynonym\tJürgen | Bo')
  expect(tried.stderr).toContain(`${file}:3: field 'email' expects an email address`)
  expect(tried.stderr).toContain(
    `${file}:2: 'organization': there is no Organization with the id, email or name 'Acme'`,
  )
  expect(tried.stderr).toMatch(
    /rows are matched by email\n[^]*\n2 rows, 2 of 2 are refused; nothing was changed\nthe first 2 were tried: 0 would be created, 0 updated\n$/,
  )
  expect(await names()).toEqual([])
})

test.each([
  ['wrong.csv', 'nme\nAda\n', "column 'nme' is not a field of Contact; did you mean 'name'?"],
  ['twice.csv', 'name,name\nAda,Bo\n', "column 'name' occurs twice"],
  ['wrong.json', '{}', 'expected a JSON list'],
  ['bytes.json', '[{"name":"\xff"}]', 'line 1 has bytes that are not utf-8'],
  ['wrong.png', 'x', 'csv, xlsx, parquet, json, ndjson'],
])('%s is refused as a whole', async (name, text, sentence) => {
  const file = join(cli.folder, name)
  writeFileSync(file, text, 'latin1')
  const { code, stderr } = await cli('import', 'Contact', file)
  expect(code).toBe(1)
  expect(stderr).toContain(sentence)
  expect(await names()).toEqual([])
})

test('a reference that no entity can have refuses its row, and refused rows that are refused again have their reasons once', async () => {
  await cli('Organization.create', '--name', 'Team @ Work')
  const file = fileOf(
    'broken-text.ndjson',
    '{"name":"Ada","organization":"\\ud800"}\n{"name":"Bo","organization":"Team @ Work"}\n',
  )
  const rest = join(cli.folder, 'refused-once.csv')
  const first = await cli('import', 'Contact', file, '--refused', rest)
  expect(first.stderr).toMatch(/:1: 'organization': there is no Organization [^]*\n1 written, 1 refused; /)
  expect(await names()).toEqual(['Bo'])
  const columns = '{"Line":"","Reason":""}'
  const again = join(cli.folder, 'refused-twice.csv')
  await cli('import', 'Contact', rest, '--columns', columns, '--refused', again)
  expect(readFileSync(again, 'utf8').split('\r\n')[0]).toBe('name,organization,Line,Reason')
})

test('what a file leaves open is said once', async () => {
  const refused = await cli('import', 'Asset', fileOf('assets.csv', 'alt\nA picture\n'))
  expect(refused.code).toBe(1)
  for (const field of ['name', 'filename', 'url', 'mimeType', 'size'])
    expect(refused.stderr.split(`no column is '${field}'`)).toHaveLength(2)
})

test('an unreachable server ends an import at once, with exit code 1', async () => {
  const file = fileOf('many.ndjson', '{"name":"Ada"}\n'.repeat(200))
  const gone = cli.with({ env: { HEADLESSLY_ENDPOINT: 'http://localhost:1' } })
  const { code, stderr } = await gone('import', 'Contact', file)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: http:\/\/localhost:1 cannot be reached/m)
})

test('for a file of bad lines the first thousand refusals are reported', async () => {
  const file = fileOf('wrong.ndjson', '{"name":7}\n'.repeat(1_200))
  const { code, stderr } = await cli('import', 'Contact', file)
  expect(code).toBe(1)
  expect(stderr.split('\n')).toHaveLength(1_003)
  expect(stderr).toMatch(/\nand 200 more lines\n0 written, 1200 refused; /)
})

test('the times of rows come from a column of the file, which need not be a field', async () => {
  const text = 'name,signedUp\nAda,2024-03-01T10:00:00+01:00\nBo,\nCy,yesterday\n'
  const { code, stderr } = await cli('import', 'Contact', fileOf('signed-up.csv', text), '--at', 'signedUp')
  expect([code, stderr]).toEqual([1, expect.stringContaining("column 'signedUp' expects a time, got 'yesterday'")])
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
  // A day is what was true at its end.
  expect((await cli('Contact.count', '--stage', 'Qualified', '--as-of', '2024-01-31')).stdout).toBe('0\n')
  expect((await cli('Contact.count', '--stage', 'Qualified', '--as-of', '2024-02-01')).stdout).toBe('1\n')
  const today = new Date().toISOString().slice(0, 10)
  expect((await cli('Contact.count', '--stage', 'Qualified', '--as-of', today)).stdout).toBe('1\n')
  expect((await cli('Contact.count', '--as-of', '2024-02-30')).stderr).toContain('--as-of expects a timestamp')
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
