// A year of a small company in a test tenant, in minutes: imagines what the outside world does, performs it, and compares the
// product's numbers with an independent ledger, day by day, live and afterwards as of each day.
//
//   npm run example:year -- http://localhost:8787/~year --customers 40 --days 90

import { parseArgs } from 'node:util'
import { Headlessly } from '@headlessly/sdk'
import { wholeYear } from './imagine-year.ts'
import { printMonths } from './print-months.ts'
import { runYear, sizeOf } from './run-year.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    customers: { type: 'string', default: String(wholeYear.customers) },
    days: { type: 'string', default: String(wholeYear.days) },
    seed: { type: 'string', default: '1' },
  },
})
const [tenantUrl = 'http://localhost:8787/~year'] = positionals
const [, endpoint, tenant] = /^(.*)\/~([^/]*)\/?$/.exec(tenantUrl) ?? []
if (endpoint === undefined || tenant === undefined)
  throw new Error(`expected a tenant's URL such as http://localhost:8787/~year, got ${tenantUrl}`)
const size = sizeOf({ customers: Number(values.customers), days: Number(values.days) })
const client = Headlessly({ endpoint, tenant })
const report = await runYear(client, { size, seed: Number(values.seed), log: console.log })
printMonths(report)
process.exitCode = report.live.length + report.asOf.length === 0 ? 0 : 1
