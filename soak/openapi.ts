// `npm run soak:openapi [seconds]`: Schemathesis generates requests from the OpenAPI document of the server that ships, 5
// minutes by default, with all checks. It fails if an answer breaks the document, a request that fits it is refused, or one
// that breaks it is accepted. SEED repeats the choice of Nouns whose operations are covered one by one.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { findOnPath } from '../checks/engines.ts'
import { runSchemathesis } from '../checks/openapi/schemathesis.ts'

const seconds = Number(process.argv[2] ?? 300)
const program = findOnPath('schemathesis')
if (program === undefined) {
  console.log('skipped: Schemathesis is not installed; pip install schemathesis, and let PATH lead to it')
  process.exit(0)
}

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-openapi-'))
const server = await startServer({ dataFolder, port: 0 })
try {
  const during = (share: number): readonly string[] => {
    const limit = ['--max-time', String(Math.ceil(seconds * share))]
    return [...limit, '--continue-on-failure', '--seed', String(seed)]
  }
  const chosen = await chooseNouns(`${server.url}/~openapi`)
  console.log(`seed ${seed}; the bounds of every parameter and property of ${chosen.join(', ')}, and of the tenant`)
  const runs = [
    // Boundaries one by one, thousands of cases for each Noun.
    ['run', '--phases', 'coverage', '--include-path-regex', `^/([a-z]|(${chosen.join('|')})(/|$))`, ...during(0.3)],
    // Chains of random requests to all operations, after a first request to each of them.
    ['fuzz', ...during(0.45)],
    // Links from answers to requests.
    ['run', '--phases', 'stateful', ...during(0.25)],
  ]
  for (const [at, args] of runs.entries()) {
    const { code, output } = await runSchemathesis(program, { tenantUrl: `${server.url}/~openapi${at}`, args })
    console.log(output)
    if (code !== 0) process.exitCode = 1
  }
} finally {
  await server.stop()
  rmSync(dataFolder, { recursive: true, force: true })
}

/** Nouns at random, so that many runs cover all of them. */
async function chooseNouns(tenantUrl: string): Promise<readonly string[]> {
  const names = Object.keys((await (await fetch(`${tenantUrl}/schema`)).json()) as object)
  return Array.from({ length: 3 }, (_, at) => names[(seed * 31 + at * 12) % names.length] ?? '')
}
