// Statements in camt.053: exact amounts, batches, versions, prefixes and broken files.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCamt, type StatementMovement } from './camt-statement.ts'

async function* chunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size)
    await Promise.resolve()
  }
}

async function read(text: string, size = 1_000): Promise<readonly StatementMovement[]> {
  const found: StatementMovement[] = []
  for await (const movement of readCamt(chunks(text, size))) found.push(movement)
  return found
}

const statement = (entries: string, prefix = ''): string => {
  const name = (tag: string): string => (prefix === '' ? tag : `${prefix}:${tag}`)
  return `<?xml version="1.0" encoding="UTF-8"?>
<${name('Document')} xmlns${prefix === '' ? '' : `:${prefix}`}="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><${name('BkToCstmrStmt')}><${name('Stmt')}>
<${name('Acct')}><${name('Id')}><${name('IBAN')}>DE89370400440532013000</${name('IBAN')}></${name('Id')}></${name('Acct')}>
${entries.replaceAll(/<(\/?)(\w)/g, (_, slash: string, letter: string) => `<${slash}${prefix === '' ? '' : `${prefix}:`}${letter}`)}
</${name('Stmt')}></${name('BkToCstmrStmt')}></${name('Document')}>`
}

const entry = ({ amount = '119.00', more = '', status = 'BOOK', side = 'CRDT', details = '' }): string =>
  `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${side}</CdtDbtInd><Sts>${status}</Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt>${more}<NtryDtls>${details}</NtryDtls></Ntry>`

const details = `<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><Dbtr><Nm>Ada &amp; Co</Nm></Dbtr><DbtrAcct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>Invoice INV-2026-</Ustrd><Ustrd>0001</Ustrd></RmtInf></TxDtls>`

test.each(['', 'camt'])('a movement has its amount, day, party and reference, with the prefix %j', async (prefix) => {
  const [movement] = await read(statement(entry({ details }), prefix), 7)
  expect(movement).toEqual({
    transactionId: expect.stringMatching(/^camt-[0-9a-f]{40}$/),
    bookedAt: '2026-03-02T00:00:00.000Z',
    amount: 11_900,
    currency: 'EUR',
    reference: 'Invoice INV-2026- 0001',
    party: 'Ada & Co',
    partyAccount: 'FR7630006000011234567890189',
    account: 'DE89370400440532013000',
  })
})

test('a movement that went out is below 0, and one that is not booked yet is left out', async () => {
  const text = statement(entry({ side: 'DBIT' }) + entry({ status: 'PDNG' }) + entry({ status: '<Cd>BOOK</Cd>' }))
  expect((await read(text)).map(({ amount }) => amount)).toEqual([-11_900, 11_900])
})

test('a batch is its transactions if they add up to it, and one movement otherwise', async () => {
  const part = (amount: string): string =>
    `<TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">${amount}</Amt></TxAmt></AmtDtls></TxDtls>`
  const exact = await read(statement(entry({ details: part('100.00') + part('19') })))
  expect(exact.map(({ amount }) => amount)).toEqual([10_000, 1_900])
  expect(new Set(exact.map(({ transactionId }) => transactionId)).size).toBe(2)
  expect((await read(statement(entry({ details: part('100.00') + part('18') })))).map(({ amount }) => amount)).toEqual([
    11_900,
  ])
})

test('a statement that overlaps another has the same identifiers, also of equal movements without one', async () => {
  const equal = entry({ details })
  const [early, late] = [
    await read(statement(equal + equal)),
    await read(statement(equal + equal + entry({ amount: '5' }))),
  ]
  const ids = late.map(({ transactionId }) => transactionId)
  expect(new Set(ids).size).toBe(3)
  expect(early.map(({ transactionId }) => transactionId)).toEqual(ids.slice(0, 2))
})

test.each(['NONREF', 'NOTPROVIDED', '0000'])(
  'two payments of one amount whose bank names both %s are two',
  async (text) => {
    const more = `<AcctSvcrRef>${text}</AcctSvcrRef>`
    const later = entry({ more }).replace('2026-03-02', '2026-03-09')
    const movements = await read(statement(entry({ more }) + later + later))
    expect(new Set(movements.map(({ transactionId }) => transactionId)).size).toBe(3)
  },
)

test('amounts are exact in any currency and split anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(['EUR', 2] as const, ['JPY', 0] as const, ['KWD', 3] as const),
      fc.integer({ min: 0, max: 9e14 }),
      fc.integer({ min: 1, max: 400 }),
      async ([currency, exponent], minor, size) => {
        const digits = String(minor).padStart(exponent + 1, '0')
        const amount = exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
        const text = statement(entry({ amount }).replace('"EUR"', `"${currency}"`))
        expect(await read(text, size)).toMatchObject([{ amount: minor, currency }])
      },
    ),
    { numRuns: 50 },
  )
})

test.each([
  ['no XML', 'a;b;c'],
  ['another document', '<Document><x/></Document>'],
  ['a cut file', statement(entry({})).slice(0, -30)],
  ['an amount with too many places', statement(entry({ amount: '1.001' }))],
  ['an unknown currency', statement(entry({}).replace('EUR', 'XXX'))],
  ['no time', statement(entry({}).replace('2026-03-02', '2026-13-02'))],
  [
    'an entity of its own',
    `<!DOCTYPE x [<!ENTITY a "b">]>${statement(entry({ more: '<AddtlNtryInf>&a;</AddtlNtryInf>' })).replace(/^.*\n/, '')}`,
  ],
  ['endless levels', `<Document>${'<a>'.repeat(100)}`],
])('%s is refused with a reason', async (_, text) => {
  await expect(read(text)).rejects.toMatchObject({ code: 'validation_error', field: 'statement' })
})
