// `npm run soak:openapi [seconds]`: Schemathesis generates requests from the OpenAPI document of the server that ships, 5
// minutes by default, with all checks. It fails if an answer breaks the document, or a request that fits it is refused.

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

const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-openapi-'))
const server = await startServer({ dataFolder, port: 0 })
try {
  // The stateful phase follows links from answers to requests; `fuzz` goes on until its time is over.
  const runs = [
    ['fuzz', '--max-time', String(Math.ceil(seconds / 2)), '--continue-on-failure'],
    // A stateful request without its optional body counts as one that breaks the schema; `fuzz` has that check.
    [
      'run',
      '--phases',
      'stateful',
      '--exclude-checks',
      'negative_data_rejection',
      '--max-time',
      String(Math.ceil(seconds / 2)),
    ],
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
