// `npm run bench`: measures every published figure in one run on this machine, as ratios to a bare baseline of the same
// run. `--only writes,reads,transactions,live,client,pocketbase,access,aggregate,bulk,jobs,functions,questions,launch,lake,flush,compaction,space,memory` runs some parts. `--write`
// updates their tables in docs/benchmarks.md and keeps the others.

import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from '../apps/headless.ly/build.js'
import { benchAccess } from './access.ts'
import { benchAggregate } from './aggregate.ts'
import { benchBulk } from './bulk.ts'
import { benchClient } from './client.ts'
import { benchCompaction, benchFlush } from './flush.ts'
import { benchFunctions } from './functions.ts'
import { benchJobs } from './jobs.ts'
import { benchLake } from './lake.ts'
import { benchLaunch } from './launch.ts'
import { benchLive } from './live.ts'
import { benchPocketBase } from './pocketbase.ts'
import { benchQuestions } from './questions.ts'
import { benchReads } from './reads.ts'
import { benchMemory } from './memory.ts'
import { type Finding, formatSection, replaceSection, type Section } from './report.ts'
import { type BenchServers, withServers } from './servers.ts'
import { benchSpace } from './space.ts'
import { benchTransactions } from './transactions.ts'
import { benchWrites } from './writes.ts'

interface Part {
  readonly name: string
  readonly title: string
  readonly run: () => Promise<readonly Finding[]>
}

const note = (line: string): void => console.error(line)

const serverParts = (servers: BenchServers): readonly Part[] => [
  { name: 'writes', title: 'Writes', run: () => benchWrites(servers) },
  { name: 'reads', title: 'Reads', run: () => benchReads(servers.ours, note) },
  { name: 'transactions', title: 'Transactions', run: () => benchTransactions(servers) },
  { name: 'live', title: 'Live events', run: () => benchLive(servers) },
  { name: 'client', title: 'Client', run: () => benchClient(servers.ours) },
  { name: 'pocketbase', title: 'Against PocketBase', run: () => benchPocketBase(servers.ours, note) },
]
const accessPart: Part = { name: 'access', title: 'Keys and rules', run: benchAccess }
const aggregatePart: Part = { name: 'aggregate', title: 'Aggregates and metrics', run: benchAggregate }
const bulkPart: Part = { name: 'bulk', title: 'Many writes', run: benchBulk }
const jobsPart: Part = { name: 'jobs', title: 'Jobs', run: () => benchJobs(note) }
const functionsPart: Part = { name: 'functions', title: 'Stored functions', run: () => benchFunctions(note) }
const questionsPart: Part = {
  name: 'questions',
  title: "A founder's questions",
  run: () => benchQuestions(note),
}
const launchPart: Part = { name: 'launch', title: 'Launch', run: async () => [await benchLaunch()] }
const lakePart: Part = { name: 'lake', title: 'Lake', run: () => benchLake(note) }
const flushPart: Part = { name: 'flush', title: 'Flush and read path', run: () => benchFlush(note) }
const compactionPart: Part = { name: 'compaction', title: 'Compaction', run: () => benchCompaction(note) }
const spacePart: Part = { name: 'space', title: 'Space', run: benchSpace }
const memoryPart: Part = { name: 'memory', title: 'Memory', run: () => benchMemory(note) }
const alone = [
  accessPart,
  aggregatePart,
  bulkPart,
  jobsPart,
  functionsPart,
  questionsPart,
  launchPart,
  lakePart,
  flushPart,
  compactionPart,
  spacePart,
  memoryPart,
]
const withServer = ['writes', 'reads', 'transactions', 'live', 'client', 'pocketbase']
const names = [...withServer, ...alone.map(({ name }) => name)]

const { values } = parseArgs({
  options: { only: { type: 'string', default: names.join(',') }, write: { type: 'boolean' } },
})
const wanted = values.only.split(',')
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) throw new Error(`unknown part '${unknown.join(', ')}': expected ${names.join(', ')}`)

const sections: Section[] = []
async function runParts(parts: readonly Part[]): Promise<void> {
  for (const { name, title, run } of parts) {
    if (!wanted.includes(name)) continue
    note(name)
    sections.push({ name, title, findings: await run() })
  }
}

if (wanted.some((name) => name !== lakePart.name)) await build()
if (wanted.some((name) => withServer.includes(name))) await withServers((servers) => runParts(serverParts(servers)))
await runParts(alone)

const file = resolve(import.meta.dirname, '../docs/benchmarks.md')
for (const section of sections) {
  const text = formatSection(section, new Date())
  console.log(`${text}\n`)
  if (values.write === true) writeFileSync(file, replaceSection(readFileSync(file, 'utf8'), section.name, text))
}
process.exitCode = sections.some(({ findings }) => findings.some(({ isMet }) => isMet === false)) ? 1 : 0
