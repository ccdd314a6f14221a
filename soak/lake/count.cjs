// Counts the rows of a table again and again, by ClickHouse, as count.py does by others.

const { readFileSync } = require('node:fs')
const { basename, dirname } = require('node:path')
const { createInterface } = require('node:readline')

const [engine, pageFile, folder, chdb] = process.argv.slice(2)
// ClickHouse reads files below its working directory only.
process.chdir(dirname(dirname(folder)))
const { Session } = require(chdb)
const session = new Session()
const isCatalog = engine === 'clickhouse-catalog'
if (isCatalog) for (const line of JSON.parse(readFileSync(pageFile, 'utf8')).clickhouse.catalog) session.query(line)
const table = isCatalog
  ? 'lake.`headlessly.contact`'
  : `icebergLocal('${basename(dirname(folder))}/${basename(folder)}')`

const write = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`)
write({ ready: engine })
createInterface({ input: process.stdin }).on('line', () => {
  try {
    const [rows, distinct] = session
      .query(`SELECT count(), uniqExact(\`$id\`) FROM ${table}`, 'TabSeparated')
      .trim()
      .split('\t')
      .map(Number)
    write({ rows, distinct })
  } catch (error) {
    write({ error: String(error.message).slice(0, 500) })
  }
})
