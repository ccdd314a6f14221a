// Says which tests are skipped because another program is not installed.

import { hasChromium } from '../apps/headless.ly/test/chromium.ts'
import { findEngine, findProgram } from '../checks/engines.ts'

export default function reportSkipped(): void {
  const engines = {
    DuckDB: findEngine('@duckdb/node-api'),
    ClickHouse: findEngine('chdb'),
    attw: findProgram('attw'),
    'the clients of OAuth': findEngine('oauth4webapi'),
  }
  const missing = Object.entries(engines).flatMap(([name, path]) => (path === undefined ? [name] : []))
  if (missing.length > 0)
    console.log(`skipped: tests that need ${missing.join(', ')}, which npm ci --prefix checks installs`)
  if (!hasChromium)
    console.log(
      'skipped: tests of passkeys and of the console, which need Chromium on PATH where Linux on x64 does not run',
    )
}
