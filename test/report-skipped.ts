// Says which tests are skipped because another program is not installed.

import { findEngine, findOnPath, findProgram } from '../checks/engines.ts'

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
  const browsers = ['chromium', 'chromium-browser', 'google-chrome']
  if (browsers.every((name) => findOnPath(name) === undefined))
    console.log('skipped: tests of passkeys, which need Chromium on PATH')
}
