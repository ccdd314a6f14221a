// `sql`: a query over the files of a tenant's lake, by DuckDB on this machine. The server has no part in it.

import { join } from 'node:path'
import type { Command } from './command.ts'
import { findDuckDb } from './duckdb.ts'
import { lakeViews } from './lake-views.ts'
import { requireTenant } from './settings.ts'

export const sqlCommand: Command = {
  name: 'sql',
  words: ['<query>'],
  about:
    "query the tenant's files by DuckDB, where it is installed: a table for each type, such as line_item, and events",
  example: 'sql "select stage, count(*) from contact group by stage"',
  flags: [
    {
      name: 'lake',
      kind: 'value',
      placeholder: '<folder>',
      about: 'the folder of the lake, which may be a copy; by default that of the data folder',
      parse: (text) => text,
    },
  ],
  async run({ words: [query = ''], flags, output, env, settings, signal }) {
    const { tenant } = requireTenant(settings)
    const folder = flags.text('lake') ?? join(env['HEADLESSLY_DATA'] ?? '.headlessly', 'lake')
    const fail = (message: string): number => {
      output.problem({ code: 'sql', message })
      return 1
    }
    const runSql = findDuckDb({ path: env['PATH'] ?? '', folder: process.cwd() })
    if (runSql === undefined)
      return fail(
        'DuckDB is not installed: install the program duckdb (https://duckdb.org/install), or npm install @duckdb/node-api here',
      )
    try {
      const rows = await runSql(lakeViews(folder, tenant), query, signal)
      output.rows(rows, Object.keys(rows[0] ?? {}))
      return 0
    } catch (error) {
      if (signal.aborted || !(error instanceof Error)) throw error
      return fail(error.message)
    }
  },
}
