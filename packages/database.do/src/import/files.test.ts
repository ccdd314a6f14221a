// Files as programs write them: spreadsheets in four locales, exports of six products, and broken ones. Each is read, mapped and
// converted, or refused with the place and the remedy.

import { expect, test } from 'vitest'
import { encode, type ImportCase as File, importText } from './import-case.suite.ts'

const people = {
  de: {
    header: ['Vorname', 'Nachname', 'E-Mail', 'Firma', 'Lead Score', 'Kunde seit'],
    row: ['Jürgen', 'Groß', 'j@example.de', 'Äpfel GmbH', '1.234,5', '24.12.2025'],
    others: ['Zoë', 'Öztürk', 'z@example.de', '', '7,25', '01.02.2026'],
  },
  en: {
    header: ['First Name', 'Last Name', 'Email', 'Company', 'Lead Score', 'Customer Since'],
    row: ['John', 'O’Neill', 'j@example.com', 'Café Ltd', '1,234.5', '12/24/2025'],
    others: ['Zoë', 'Smith', 'z@example.com', '', '7.25', '02/01/2026'],
  },
  fr: {
    header: ['Prénom', 'Nom de famille', 'Adresse e-mail', 'Société', 'leadScore', 'customerSince'],
    row: ['François', 'Lévêque', 'f@example.fr', 'Œuvre SA', '1 234,5', '24/12/2025'],
    others: ['Zoé', 'Brûlé', 'z@example.fr', '', '7,25', '01/02/2026'],
  },
  pl: {
    header: ['Imię', 'Nazwisko', 'E-mail', 'Organizacja', 'leadScore', 'customerSince'],
    row: ['Łukasz', 'Żółć', 'l@example.pl', 'Źródło sp. z o.o.', '1 234,5', '24.12.2025'],
    others: ['Świętosława', 'Wąs', 's@example.pl', '', '7,25', '01.02.2026'],
  },
} as const

/** Excel writes the locale's delimiter and code page, or UTF-16 with tabs as "Unicode text"; LibreOffice UTF-8. */
const spreadsheets = Object.entries(people).flatMap(([locale, { header, row, others }]): readonly File[] => {
  const page = locale === 'pl' ? 'windows-1250' : 'windows-1252'
  const mark = locale === 'en' ? ',' : ';'
  const quote = (cell: string, delimiter: string, all: boolean): string =>
    all || cell.includes(delimiter) ? `"${cell}"` : cell
  const write = (delimiter: string, end: string, all = false): string =>
    [header, row, others]
      .map((cells) => cells.map((cell) => quote(cell, delimiter, all)).join(delimiter) + end)
      .join('')
  const rows = [
    {
      firstName: row[0],
      lastName: row[1],
      email: row[2],
      name: `${row[0]} ${row[1]}`,
      organization: row[3],
      leadScore: 1234.5,
      customerSince: '2025-12-24T00:00:00.000Z',
    },
    { firstName: others[0], leadScore: 7.25, customerSince: '2026-02-01T00:00:00.000Z' },
  ]
  const columns = { [header[4]]: 'leadScore', [header[5]]: 'customerSince' }
  const choices = { columns }
  const files = [
    { name: `excel-${locale}.csv`, text: write(mark, '\r\n'), encoding: page, options: { encoding: page } },
    { name: `excel-utf8-${locale}.csv`, text: write(mark, '\r\n'), encoding: 'utf-8 with a mark' },
    { name: `excel-unicode-${locale}.txt`, text: write('\t', '\r\n'), encoding: 'utf-16le' },
    { name: `excel-sep-${locale}.csv`, text: `sep=|\r\n${write('|', '\r\n')}`, encoding: 'utf-8' },
    { name: `calc-${locale}.csv`, text: write(',', '\n', true), encoding: 'utf-8' },
    { name: `calc-be-${locale}.csv`, text: write(mark, '\n'), encoding: 'utf-16be' },
  ]
  return files.map((file) => ({ ...file, choices, rows, match: 'email' }))
})

const exports: readonly File[] = [
  {
    name: 'hubspot-contacts.csv',
    system: 'hubspot',
    text: '"Record ID","First Name","Last Name","Email","Phone Number","Lifecycle Stage","Create Date","Associated Company IDs","Lead Status"\n"101","Ada","Byron","ada@example.com","","Marketing Qualified Lead","2024-03-01 09:30","55;56","Open"\n',
    rows: [
      {
        $id: '101',
        name: 'Ada Byron',
        stage: 'Lead',
        $at: '2024-03-01T09:30:00.000Z',
        organization: '55',
        metadata: { 'Lead Status': 'Open' },
      },
    ],
    match: '$id',
  },
  {
    name: 'hubspot-companies.csv',
    noun: 'Organization',
    system: 'hubspot',
    text: '"Record ID","Company name","Company Domain Name","Number of Employees","Create Date"\n"55","Acme","acme.example","12","2024-02-01 09:30"\n',
    rows: [{ $id: '55', name: 'Acme', domain: 'acme.example', employeeCount: 12 }],
  },
  {
    name: 'hubspot-deals.csv',
    noun: 'Deal',
    system: 'hubspot',
    text: '"Record ID","Deal Name","Deal Stage","Amount","Close Date","Associated Contact IDs"\n"9","Big","Closed Won","1200.50","2024-05-31 00:00","101"\n"10","Small","Contract Sent","1,500","2024-05-31 00:00",""\n',
    rows: [
      { $id: '9', stage: 'Won', value: 1200.5, expectedCloseDate: '2024-05-31', contact: '101' },
      { value: 1500, stage: 'Negotiation' },
    ],
  },
  {
    name: 'Account.csv',
    noun: 'Organization',
    system: 'salesforce',
    text: '"Id","Name","ParentId","BillingCity","NumberOfEmployees","CreatedDate"\n"0015g00000A","Acme","","Berlin","50","2023-01-02T03:04:05.000+0000"\n"0015g00000B","Acme Sub","0015g00000A","Köln","5","2023-01-02T03:04:05.000Z"\n',
    rows: [
      { $id: '0015g00000A', city: 'Berlin', $at: '2023-01-02T03:04:05.000Z' },
      { parent: '0015g00000A', employeeCount: 5 },
    ],
  },
  {
    name: 'Contact.csv',
    system: 'salesforce',
    text: '"Id","AccountId","FirstName","LastName","Email","LeadSource","CreatedDate","IsDeleted"\n"0035g","0015g00000A","Grace","Hopper","grace@example.com","Web","2023-01-02T03:04:05.000Z","false"\n',
    rows: [
      {
        $id: '0035g',
        organization: '0015g00000A',
        name: 'Grace Hopper',
        source: 'Web',
        metadata: { IsDeleted: 'false' },
      },
    ],
  },
  {
    name: 'Opportunity.csv',
    noun: 'Deal',
    system: 'salesforce',
    text: '"Id","AccountId","Name","StageName","Amount","Probability","CloseDate","CreatedDate"\n"0065g","0015g00000A","Renewal","Proposal/Price Quote","25000.0","75.0","2023-06-30","2023-01-02T03:04:05.000Z"\n',
    rows: [
      {
        stage: 'Proposal',
        value: 25000,
        probability: 75,
        expectedCloseDate: '2023-06-30',
        organization: '0015g00000A',
      },
    ],
  },
  {
    name: 'customers.csv',
    noun: 'Customer',
    system: 'stripe',
    text: 'id,Description,Email,Name,Created (UTC),Delinquent\ncus_1,VIP,pay@example.com,Pay Er,2024-01-15 10:30,false\n',
    rows: [
      {
        $id: 'cus_1',
        email: 'pay@example.com',
        $at: '2024-01-15T10:30:00.000Z',
        metadata: { Description: 'VIP', Delinquent: 'false' },
      },
    ],
  },
  {
    name: 'subscriptions.csv',
    noun: 'Subscription',
    system: 'stripe',
    text: 'id,Customer ID,Customer Email,Plan,Quantity,Currency,Amount,Status,Created (UTC),Cancel At Period End\nsub_1,cus_1,pay@example.com,price_1,2,eur,19.99,past_due,2024-01-15 10:30,false\nsub_2,cus_2,b@example.com,price_1,1,jpy,500,active,2024-01-16 10:30,true\n',
    rows: [
      { $id: 'sub_1', customer: 'cus_1', status: 'PastDue', amount: 1999, currency: 'EUR', cancelAtPeriodEnd: false },
      { amount: 500, currency: 'JPY' },
    ],
  },
  {
    name: 'tickets.csv',
    noun: 'Ticket',
    system: 'zendesk',
    text: 'Id,Subject,Status,Priority,Requester,Requester email,Created at,Solved at,Via\n7,"Help, please",Solved,Normal,Ada,ada@example.com,2024-02-03 04:05,2024-02-04 00:00,Mail\n',
    rows: [
      {
        $id: '7',
        subject: 'Help, please',
        status: 'Resolved',
        priority: 'Medium',
        requester: 'ada@example.com',
        channel: 'Email',
        resolvedAt: '2024-02-04T00:00:00.000Z',
      },
    ],
  },
  {
    name: 'tickets.ndjson',
    noun: 'Ticket',
    system: 'zendesk',
    text: '{"id":7,"subject":"A\u2028B","description":"x","status":"solved","priority":"high","requester_id":12,"tags":["a","b"],"via":{"channel":"web"},"created_at":"2024-02-03T04:05:06Z"}\n{"id":8,"subject":"C","status":"new","priority":null,"requester_id":null,"created_at":"2024-02-03T04:05:06Z"}\n',
    rows: [
      {
        $id: '7',
        subject: 'A\u2028B',
        status: 'Resolved',
        requester: '12',
        channel: 'Web',
        tags: 'a, b',
        $at: '2024-02-03T04:05:06.000Z',
      },
      { subject: 'C' },
    ],
  },
  {
    name: 'users.ndjson',
    system: 'zendesk',
    text: '{"id":12,"name":"Ada","email":"ada@example.com","created_at":"2024-02-03T04:05:06Z","role":"end-user","organization_id":5,"time_zone":"Berlin"}\n',
    rows: [{ $id: '12', name: 'Ada', organization: '5', timezone: 'Berlin' }],
  },
  {
    name: 'gh.json',
    noun: 'Issue',
    system: 'github',
    text: '[{"number":3,"title":"Bug","body":"It, fails","state":"CLOSED","labels":[{"id":"x","name":"bug"},{"name":"p1"}],"milestone":{"title":"v1"},"createdAt":"2024-01-01T00:00:00Z","closedAt":"2024-01-02T00:00:00Z","author":{"login":"ada"}}]',
    rows: [
      {
        $id: '3',
        status: 'Closed',
        labels: 'bug, p1',
        milestone: 'v1',
        description: 'It, fails',
        closedAt: '2024-01-02T00:00:00.000Z',
        metadata: { author: { login: 'ada' } },
      },
    ],
  },
  {
    name: 'rest.json',
    noun: 'Issue',
    system: 'github',
    text: '[{"number":4,"title":"Ask","state":"open","labels":[],"created_at":"2024-01-01T00:00:00Z","closed_at":null,"user":{"login":"bo"}}]',
    rows: [{ $id: '4', status: 'Open', title: 'Ask' }],
  },
  {
    name: 'people.csv',
    system: 'twenty',
    text: 'Id,Name / First Name,Name / Last Name,Emails / Primary Email,Company / Id,Creation date\n20202020-aaaa,Ada,Byron,ada@example.com,20202020-bbbb,2024-03-01T00:00:00.000Z\n',
    rows: [{ $id: '20202020-aaaa', name: 'Ada Byron', organization: '20202020-bbbb', $at: '2024-03-01T00:00:00.000Z' }],
  },
  {
    name: 'opportunities.csv',
    noun: 'Deal',
    system: 'twenty',
    text: 'Id,Name,Stage,Close date,Amount / Amount,Amount / Currency,Company / Id\n2020-c,Deal,MEETING,2024-03-01T00:00:00.000Z,1000,USD,2020-b\n',
    rows: [
      { stage: 'Qualification', value: 1000, currency: 'USD', expectedCloseDate: '2024-03-01', organization: '2020-b' },
    ],
  },
  {
    name: 'own.csv',
    system: 'headlessly',
    text: '$id,$type,$version,$createdAt,name,title,leadScore\ncontact_1,Contact,2,2026-01-01T00:00:00.000Z,Ada,"",1.234\n',
    rows: [{ $id: 'contact_1', name: 'Ada', title: '', leadScore: 1.234, $at: '2026-01-01T00:00:00.000Z' }],
  },
]

const broken: readonly File[] = [
  { name: 'empty.csv', text: '', refused: /the file is empty/ },
  { name: 'blank.csv', text: '\n\n', refused: /has no header/ },
  { name: 'twice.csv', text: 'name,name\na,b\n', refused: /column 'name' occurs twice/ },
  { name: 'nameless.csv', text: 'name,,email\na,b,c\n', refused: /column 2 has no name/ },
  {
    name: 'typo.csv',
    text: 'name,emial\na,b\n',
    refused: /'emial' is not a field of Contact; did you mean 'email'\?.*unmapped=/,
  },
  {
    name: 'no-name.csv',
    noun: 'Organization',
    text: 'city\nBerlin\n',
    refused: /no column is 'name', which is required/,
  },
  {
    name: 'quote.csv',
    text: 'name,email\n"Ada,\nBo,\n',
    rows: [],
    faults: [[2, /a quote is not closed; the rest of the file was not read/]],
  },
  {
    name: 'after-quote.csv',
    text: 'name,email\nAda,\n"Bo"x,\nCy,\n',
    rows: [{ name: 'Ada' }],
    faults: [[3, /text after a closing quote/]],
  },
  {
    name: 'short.csv',
    text: 'name,email,phone\nAda,,\nBo,b@x.io\nCy,,\n',
    rows: [{ name: 'Ada' }, { name: 'Cy' }],
    faults: [[3, /expected 3 cells, got 2: quote a cell/]],
  },
  { name: 'trailing.csv', text: 'name,email,,\nAda,,,\n,,,\nBo,,,\n', rows: [{ name: 'Ada' }, { name: 'Bo' }] },
  {
    name: 'ambiguous-date.csv',
    text: 'name,customerSince\nAda,01/02/2026\n',
    refused: /'customerSince' has dates such as '01\/02\/2026': say dates=dmy or dates=mdy/,
  },
  {
    name: 'decided-date.csv',
    text: 'name,customerSince\nAda,01/02/2026\nBo,13/02/2026\n',
    rows: [{ customerSince: '2026-02-01T00:00:00.000Z' }, { customerSince: '2026-02-13T00:00:00.000Z' }],
  },
  { name: 'both-dates.csv', text: 'name,customerSince\nAda,13/02/2026\nBo,02/13/2026\n', refused: /say dates=/ },
  {
    name: 'told-date.csv',
    text: 'name,customerSince\nAda,01/02/2026\n',
    choices: { dates: 'mdy', zone: 'America/New_York' },
    rows: [{ customerSince: '2026-01-02T05:00:00.000Z' }],
  },
  { name: 'ambiguous-number.csv', text: 'name,leadScore\nAda,"1,234"\n', refused: /say decimal=\. or decimal=,/ },
  {
    name: 'wrong-number.csv',
    text: 'name,leadScore\nAda,1.5\nBo,many\n',
    rows: [{ leadScore: 1.5 }],
    faults: [[3, /column 'leadScore' expects a number, got 'many'/]],
  },
  { name: 'inexact.csv', text: 'name,leadScore\nAda,9007199254740993\n', rows: [], faults: [[2, /9007199254740993/]] },
  {
    name: 'cents.csv',
    noun: 'Payment',
    text: 'amount,currency,status\n1000,usd,Succeeded\n',
    choices: { unmapped: 'ignore' },
    refused: /say amounts=major .* or amounts=minor/,
  },
  {
    name: 'bad-bytes.csv',
    text: new Uint8Array([...encode('name\nAda\n', 'utf-8'), 0xc3, 0x28, 0x0a]),
    options: { encoding: 'utf-8' },
    refused: /line 3 has bytes that are not utf-8/,
  },
  {
    name: 'japanese.csv',
    text: '名前,メール,電話番号\n山田太郎,yamada@example.jp,03-1234\n',
    encoding: 'shift_jis',
    rows: [{ name: '山田太郎', email: 'yamada@example.jp' }],
  },
  {
    name: 'russian.csv',
    text: 'Имя;Почта;Телефон\nИван Петров;ivan@example.ru;8-800\n',
    encoding: 'windows-1251',
    rows: [{ name: 'Иван Петров', phone: '8-800' }],
  },
  {
    name: 'list.json',
    text: '{"contacts":[]}',
    refused: /expected a JSON list of objects; for one object per line, say format=ndjson/,
  },
  { name: 'cut.json', text: '[{"name":"Ada"},{"na', refused: /the list ends in row 2: the file is not whole/ },
  {
    name: 'mixed.ndjson',
    text: '{"name":"Ada"}\n[]\nnonsense\n{"name":"Bo"}\r\n',
    rows: [{ name: 'Ada' }, { name: 'Bo' }],
    faults: [
      [2, /expected a JSON object/],
      [3, /expected a JSON object/],
    ],
  },
  {
    name: 'wide.csv',
    text: `${Array.from({ length: 1_001 }, (_, at) => `c${at}`).join(',')}\n1\n`,
    refused: /line 1 names 1001 columns, and a file has at most 1000/,
  },
  {
    name: 'no-time.ndjson',
    text: '{"name":"Ada","$createdAt":1e20}\n{"name":"Bo","$createdAt":1700000000}\n',
    rows: [{ name: 'Bo', $at: '2023-11-14T22:13:20.000Z' }],
    faults: [[1, /column '\$createdAt' expects a time in seconds, got 100000000000000000000/]],
  },
  { name: 'picture.png', text: '\u0089PNG', refused: /'format' expects csv, xlsx, parquet, json, ndjson/ },
]

const files = [...spreadsheets, ...exports, ...broken]

test('there are 60 files or more, in four locales, of six products, and broken ones', () => {
  expect(files.length).toBeGreaterThanOrEqual(60)
  expect(new Set(exports.map(({ system }) => system)).size).toBe(7)
})

test.each(files)('$name', async (file) => {
  const { rows, refused, faults = [], match, system } = file
  if (refused !== undefined) {
    await expect((async () => importText(file))()).rejects.toMatchObject({
      message: expect.stringMatching(refused) as unknown,
    })
    return
  }
  const read = await importText(file)
  expect(read.rows).toMatchObject(rows ?? [])
  expect(read.rows.length).toBe(rows?.length)
  expect(read.faults.map(({ line, fault }) => [line, fault])).toEqual(
    faults.map(([line, fault]) => [line, expect.stringMatching(fault) as unknown]),
  )
  if (match !== undefined) expect(read.plan.match).toBe(match)
  if (system !== undefined) expect(read.plan.system).toBe(system)
  for (const row of read.rows) expect(row).not.toHaveProperty('faults')
})

test('a column that metadata cannot hold refuses its row, and is not dropped', async () => {
  const text = '{"name":"Ada","__proto__":"x"}\n'
  const { rows } = await importText({ name: 'prototype.ndjson', text, choices: { unmapped: 'metadata' } })
  expect(rows).toMatchObject([{ faults: [{ message: "cannot hold the key '__proto__'" }] }])
})
