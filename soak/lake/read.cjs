// Reads tables of a lake again and again by ClickHouse, as read.py does by others:
//
//   node read.cjs clickhouse <the answer of /lake, in a file> <a folder above all files> <the path of chdb>

const { readFileSync } = require('node:fs')
const { relative } = require('node:path')
const { createInterface } = require('node:readline')

const [, pageFile, folder, chdb] = process.argv.slice(2)
// ClickHouse reads files below its working directory only.
process.chdir(folder)
const { Session } = require(chdb)
const session = new Session()
for (const line of JSON.parse(readFileSync(pageFile, 'utf8')).clickhouse.catalog) session.query(line)

const sourceOf = ({ source, table, path }) =>
  source === 'catalog' ? `lake.\`headlessly.${table}\`` : `icebergLocal('${relative(process.cwd(), path)}')`
const linesOf = (query) =>
  session
    .query(query, 'JSONEachRow')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

function count(request) {
  const sums =
    'count() AS rows, uniqExact(`$id`) AS distinct, sum(`$version`) AS versions, sum(leadScore) AS scores, max(`$seq`) AS seq'
  const [answer] = linesOf(`SELECT ${sums} FROM ${sourceOf(request)}`)
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, Number(value)]))
}

function rows(request) {
  const columns = linesOf(`DESCRIBE TABLE ${sourceOf(request)}`).map(({ name, type }) =>
    type.includes('DateTime64') ? `toUnixTimestamp64Micro(\`${name}\`) AS \`${name}\`` : `\`${name}\``,
  )
  const settings = 'SETTINGS output_format_json_quote_64bit_integers = 0, output_format_json_escape_forward_slashes = 0'
  const found = linesOf(`SELECT ${columns.join(', ')} FROM ${sourceOf(request)} ${settings}`)
  return { all: found.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))) }
}

const write = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`)
write({ ready: 'clickhouse' })
createInterface({ input: process.stdin }).on('line', (line) => {
  try {
    const request = JSON.parse(line)
    write(request.do === 'count' ? count(request) : rows(request))
  } catch (error) {
    write({ error: String(error.message).slice(0, 500) })
  }
})
