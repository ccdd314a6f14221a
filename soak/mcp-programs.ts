// `npm run soak:mcp-programs`: generated programs of the tool `do`, over the interface for agents. A dry run shows what the run
// does, an undo restores what was before, a program that throws changes nothing, and one whose server is killed is there as a whole
// or not at all. `--programs` (1,000 by default), `--kills` (20) and `--seed` scale and repeat it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { type Server, startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { getJson, postJson } from './ask-json.ts'
import { generateProgram } from './injections/generate-program.ts'
import { type ToolReply, Tools } from './injections/mcp-tools.ts'
import { killServer, sleep } from './kill-server.ts'

type Json = Readonly<Record<string, unknown>>

export interface ProgramsSummary {
  /** Programs that changed something and were undone. */
  undone: number
  /** Programs that read only, or changed what was so already. */
  unchanged: number
  /** Programs that threw, or changed what was not there. */
  thrown: number
  changes: number
}

const types = ['Contact', 'Organization', 'Deal', 'Ticket']
/** States that the programs find stay small. */
const programsPerTenant = 20
const attemptsMax = 20

/** Throws an Error that names the program. */
export async function checkPrograms(
  url: string,
  { programs, seed, tenant }: { readonly programs: number; readonly seed: number; readonly tenant: string },
): Promise<ProgramsSummary> {
  const random = seededRandom(seed)
  const summary: ProgramsSummary = { undone: 0, unchanged: 0, thrown: 0, changes: 0 }
  for (let at = 0; at < programs; at++) {
    const address = `${url}/~${tenant}-${Math.floor(at / programsPerTenant)}`
    const code = generateProgram(random, at)
    try {
      await checkProgram(address, { code, summary, isKept: random() < 0.5 })
    } catch (error) {
      throw new Error(
        `seed ${seed}, program ${at}: ${error instanceof Error ? error.message : String(error)}\n${code}`,
        {
          cause: error,
        },
      )
    }
  }
  return summary
}

async function checkProgram(
  address: string,
  { code, summary, isKept }: { readonly code: string; readonly summary: ProgramsSummary; readonly isKept: boolean },
): Promise<void> {
  const tools = new Tools(address)
  const before = await stateOf(address)
  const tried = await run(tools, { code, dryRun: true })
  same('the dry run changes the state', await stateOf(address), before)
  const done = await run(tools, { code })
  if (done.isError) {
    // A program may also change what it has deleted.
    const [code = ''] = done.text.split(/[ :]/, 1)
    if (!['code_failed', 'not_found'].includes(code)) throw new Error(done.text)
    const { refusals } = tried.answer
    const isRefused = tried.isError || (Array.isArray(refusals) && refusals.length > 0)
    if (!isRefused) throw new Error(`the dry run is not refused: ${tried.text}`)
    same('a program that threw changes the state', await stateOf(address), before)
    summary.thrown++
    return
  }
  same('the dry run has other changes', unordered(tried.answer['changes']), unordered(done.answer['changes']))
  same('the dry run has another result', inOrder(tried.answer['result']), inOrder(done.answer['result']))
  const { commit } = done.answer
  if (commit === undefined) {
    same('a program without a commit changes the state', await stateOf(address), before)
    summary.unchanged++
    return
  }
  await postJson(`${address}/commits/${String(commit)}/undo`, {})
  same('the undo does not restore the state', await stateOf(address), before)
  summary.undone++
  summary.changes += (done.answer['changes'] as readonly unknown[]).length
  if (!isKept) return
  // The next programs find more.
  const again = await run(tools, { code })
  if (again.isError) throw new Error(`after its undo, the program is refused: ${again.text}`)
}

/** Code that a busy machine does not serve in time is repeated. If it counts as endless, it is refused for a while, and other code with the same effect is not. */
async function run(
  tools: Tools,
  { code, dryRun }: { readonly code: string; readonly dryRun?: true },
): Promise<ToolReply> {
  for (let attempt = 1; ; attempt++) {
    const reply = await tools.call('do', {
      code: `${code}\n// ${attempt}`,
      ...(dryRun === undefined ? {} : { dryRun }),
    })
    const refused = reply.isError ? reply.text : JSON.stringify(reply.answer['refusals'] ?? '')
    if (!/kept the processor|overloaded|takes at most/.test(refused) || attempt === attemptsMax) return reply
    await sleep(500)
  }
}

/** The entities without what goes on in time, and with the names of ids in the order of their first appearance. */
async function stateOf(address: string): Promise<string> {
  const pages = await Promise.all(
    types.map(async (type) => {
      const { results, hasMore } = await getJson(`${address}/${type}?strong=true&limit=100&sort=$id`)
      if (hasMore === true) throw new Error(`more than 100 of ${type}`)
      return results as readonly Json[]
    }),
  )
  return JSON.stringify(
    pages.map((page) =>
      page.map((entity) =>
        Object.fromEntries(
          Object.entries(entity)
            .filter(([name]) => !['$version', '$updatedAt', '$createdAt', 'lastActivityAt'].includes(name))
            .toSorted(([a], [b]) => (a < b ? -1 : 1)),
        ),
      ),
    ),
  )
}

/** Two runs of a program make other ids, at other times. */
function inOrder(value: unknown): string {
  const names = new Map<string, string>()
  return (JSON.stringify(value) ?? 'nothing')
    .replaceAll(/\b(contact|organization|deal|ticket|evt)_[0-9A-Za-z]{12}/g, (id, type: string) => {
      const name = names.get(id) ?? `${type} ${names.size}`
      names.set(id, name)
      return name
    })
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'a time')
}

/** The consequences of a deletion come in the order of ids, which are other ones in each run. */
function unordered(changes: unknown): string {
  const lines = Array.isArray(changes) ? changes.map(String) : []
  return lines
    .map((line) =>
      line.replaceAll(/\b([a-z]+)_[0-9A-Za-z]{12}/g, '$1').replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time'),
    )
    .toSorted()
    .join('\n')
}

function same(what: string, left: string, right: string): void {
  if (left === right) return
  let at = 0
  while (left[at] === right[at]) at++
  throw new Error(
    `${what}: ${left.slice(Math.max(0, at - 100), at + 200)} and ${right.slice(Math.max(0, at - 100), at + 200)}`,
  )
}

/** Kills the server under programs that run over the interface. */
export async function killPrograms(
  server: Server,
  { kills, seed, tenant }: { readonly kills: number; readonly seed: number; readonly tenant: string },
): Promise<{ none: number; whole: number }> {
  const random = seededRandom(seed)
  const address = `${server.url}/~${tenant}`
  const outcome = { none: 0, whole: 0 }
  await postJson(`${address}/Contact`, { name: 'first' })
  const created = 12
  const codeOf = (round: number): string =>
    `for (let n = 0; n < ${created}; n++) await $.Deal.create({ name: 'round ${round}', value: n }); return $.Deal.count()`
  const startedAt = performance.now()
  await new Tools(address).call('do', { code: codeOf(0) })
  const runMs = performance.now() - startedAt
  for (let round = 1; round <= kills; round++) {
    const running = new Tools(address).call('do', { code: codeOf(round) }).catch(() => undefined)
    await sleep(random() * 1.5 * runMs)
    await killServer(server)
    await running
    const filter = encodeURIComponent(JSON.stringify({ name: `round ${round}` }))
    const { count } = await getJson(`${address}/Deal/count?strong=true&filter=${filter}`)
    if (count !== 0 && count !== created) throw new Error(`round ${round}: ${String(count)} of ${created} are there`)
    outcome[count === 0 ? 'none' : 'whole']++
  }
  return outcome
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      programs: { type: 'string', default: '1000' },
      kills: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  })
  const seed = Number(values.seed)
  console.log(`seed ${seed}`)
  await buildIfStale()
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-mcp-programs-'))
  const server = await startServer({ dataFolder, port: 0, log: () => {} })
  try {
    console.log(
      JSON.stringify(await checkPrograms(server.url, { programs: Number(values.programs), seed, tenant: 'programs' })),
    )
    console.log(
      `killed: ${JSON.stringify(await killPrograms(server, { kills: Number(values.kills), seed, tenant: 'killed' }))}`,
    )
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}
