// Files of rows that break the rules of their Noun, by the command line. Each wrong row is reported with its line and its reason,
// the others are written once, also by a second import, and the books are sound.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Scenario, Target } from './scenario.ts'

/** The parts of a report, by the line that they name; a line without one is written. */
interface HostileFile {
  readonly name: string
  readonly type: string
  readonly text: string
  readonly refused: Readonly<Record<number, string>>
  readonly arguments?: readonly string[]
}

const cell = '"a ""quoted"", broken\ncell"'
const files: readonly HostileFile[] = [
  {
    name: 'contacts.csv',
    type: 'Contact',
    text: `\uFEFFname,email,stage,organization\n${cell},ada@x.io,Lead,\nBo,ADA@X.IO,Lead,\nCy,cy@,Lead,\nDi,di@x.io,King,\nEd,ed@x.io,Lead,organization_1VbZ0kQ3x9Ta\n=1+1,fo@x.io,Customer,\n`,
    // Line 4 is Ada again, by her email in another spelling.
    refused: { 5: 'email', 6: 'stage', 7: 'organization' },
  },
  {
    name: 'payments.csv',
    type: 'Payment',
    text: 'id,amount,status,refundedAmount\na,500,,\nb,29.99,,\nc,-5,,\nd,1e400,,\ne,500,Succeeded,\nf,500,,9000\ng,9007199254740993,,\n',
    refused: { 3: 'amount', 4: 'amount', 5: 'amount', 6: 'status', 7: 'refundedAmount', 8: 'amount' },
    arguments: ['--amounts', 'minor'],
  },
  {
    name: 'invoices.ndjson',
    type: 'Invoice',
    text: `${[
      { subtotal: 100 },
      { subtotal: 100, tax: 20, total: 5 },
      { status: 'Paid', amountDue: 1 },
      { lineItems: [{ amount: 7 }], subtotal: 42 },
      { subtotal: 100, number: 'X-1' },
      { subtotal: 100, number: 'X-1' },
      { subtotal: 1, periodStart: '2026-02-01T00:00:00Z', periodEnd: '2026-01-01T00:00:00Z' },
    ]
      .map((row, id) => JSON.stringify({ id, ...row }))
      .join('\n')}\n{"subtotal":\n`,
    refused: { 2: 'total', 3: 'status', 4: 'subtotal', 6: 'number', 7: 'periodStart', 8: '' },
  },
  {
    name: 'times.csv',
    type: 'Ticket',
    text: 'id,subject,asked\n1,Summer,2026-06-01T10:00:00+02:00\n2,No offset,2026-06-01T10:00:00\n3,Future,2099-01-01T00:00:00Z\n4,No day,2026-02-30T00:00:00Z\n5,None,\n',
    refused: { 4: 'future', 5: 'asked' },
    arguments: ['--at', 'asked'],
  },
]

export const hostileFiles: Scenario = {
  name: 'hostile-files',
  about: `${files.length} files with rows that break the rules of their entity type, each imported twice`,

  async attack(target) {
    const folder = mkdtempSync(join(tmpdir(), 'headlessly-files-'))
    let refused = 0
    try {
      for (const [at, file] of files.entries())
        refused += await importTwice(target, { file, folder, tenant: `files-${at}` })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    return { files: files.length, refused }
  },
}

interface Imported {
  readonly file: HostileFile
  readonly folder: string
  readonly tenant: string
}

async function importTwice(target: Target, { file, folder, tenant }: Imported): Promise<number> {
  const path = join(folder, file.name)
  writeFileSync(path, file.text)
  const words = ['import', file.type, path, ...(file.arguments ?? []), '--json', '--tenant', tenant]
  const lines = Object.keys(file.refused).map(Number)
  const counts: number[] = []
  for (let time = 0; time < 2; time++) {
    const { code, printed } = await runCommand(target, words)
    const report = JSON.parse(printed.slice(printed.indexOf('{'))) as Report // by `import --json`
    const found = report.refused.map(({ line }) => line)
    if (code !== 1 || JSON.stringify(found) !== JSON.stringify(lines))
      throw new Error(`${file.name}: expected lines ${lines.join()}, got ${JSON.stringify(report)}`)
    for (const { line, fault } of report.refused)
      if (!fault.includes(file.refused[line] ?? '')) throw new Error(`${file.name}:${line}: ${fault}`)
    counts.push(await count(target, tenant, file.type))
  }
  if (counts[0] !== counts[1]) throw new Error(`${file.name}: the second import wrote ${counts.join(' and ')} entities`)
  const answer = await fetch(`${target.url}/~${tenant}/lake/verify`, { method: 'POST' })
  const { isWhole, breaches } = (await answer.json()) as { readonly isWhole?: boolean; readonly breaches?: unknown }
  if (isWhole !== true || JSON.stringify(breaches) !== '[]')
    throw new Error(`${file.name}: verify says ${JSON.stringify(breaches)}`)
  return lines.length
}

interface Report {
  readonly refused: readonly { readonly line: number; readonly fault: string }[]
}

async function count({ url }: Target, tenant: string, type: string): Promise<number> {
  const answer = await fetch(`${url}/~${tenant}/${type}/count?strong=true`)
  return ((await answer.json()) as { readonly count: number }).count
}

function runCommand(
  { url }: Target,
  words: readonly string[],
): Promise<{ readonly code: number | null; readonly printed: string }> {
  const bin = resolve(import.meta.dirname, '../../packages/@headlessly/cli/bin/headlessly.js')
  return new Promise((done, fail) => {
    const process = spawn(globalThis.process.execPath, [bin, ...words, '--endpoint', url], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let printed = ''
    process.stdout.on('data', (data: Buffer) => (printed += data.toString()))
    process.once('error', fail)
    process.once('close', (code) => done({ code, printed }))
  })
}
