// Runs ClickHouse from npm in a process of its own: it blocks its thread, reads files below its working directory only,
// and keeps counters from its start.

import { execFileSync } from 'node:child_process'
import { findEngine } from '../../../../checks/engines.ts'

/** The path of its package; undefined if it is not installed. */
export const clickHousePath = findEngine('chdb')

const program = `
  const { query } = require(${JSON.stringify(clickHousePath ?? 'chdb')})
  const answers = JSON.parse(process.argv[1]).map((text) => {
    const answer = query(text, 'JSONEachRow').trim()
    return answer === '' ? [] : answer.split('\\n').map((line) => JSON.parse(line))
  })
  process.stdout.write(JSON.stringify(answers))
`

/** Returns the rows of each query. Throws with ClickHouse's message if it refuses one. */
export function askClickHouse(folder: string, queries: readonly string[]): readonly (readonly unknown[])[] {
  const json: unknown = JSON.parse(
    execFileSync(process.execPath, ['-e', program, JSON.stringify(queries)], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
      maxBuffer: 64 * 2 ** 20,
      timeout: 50_000,
    }),
  )
  if (!Array.isArray(json)) throw new Error('ClickHouse gave no answers')
  return json.map((rows: unknown) => (Array.isArray(rows) ? rows : []))
}
