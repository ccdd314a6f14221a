// Loads a year of a hardware seller's CRM over the public HTTP interface, moves its deals through their verbs, and
// prints the pipeline. Run it again: whatever is there already is recognized, and nothing doubles.
//
//   npm run example:crm -- http://localhost:8787/~crm

import { Api, type Entity, Refusal } from './api.ts'
import { printPipeline } from './pipeline.ts'
import { readDate, readNumber, readRows, Repairs, type Row, slugOf } from './rows.ts'

const concurrency = 32

interface Report {
  readonly file: string
  readonly rows: number
  loaded: number
  alreadyThere: number
  readonly refused: { readonly line: number; readonly reason: string }[]
}

const repairs = new Repairs()

export async function main(tenantUrl: string): Promise<boolean> {
  const api = new Api(tenantUrl)
  const organizations = new Map<string, string>()
  const products = new Map<string, string>()
  const users = new Map<string, string>()
  const reports: Report[] = []

  const accounts = readRows('accounts.csv')
  reports.push(await load('accounts.csv', accounts, (row, report) => loadOrganization(api, row, organizations, report)))
  await setParents(api, accounts, organizations)
  reports.push(
    await load('products.csv', readRows('products.csv'), (row, report) => loadProduct(api, row, products, report)),
  )
  reports.push(
    await load('sales_teams.csv', readRows('sales_teams.csv'), (row, report) => loadUser(api, row, users, report)),
  )
  reports.push(
    await load('sales_pipeline.csv', readRows('sales_pipeline.csv'), (row, report) =>
      loadDeal(api, row, { organizations, products, users }, report),
    ),
  )

  printReports(reports)
  const isAgreed = await printPipeline(api, { agents: users, rows: readRows('sales_pipeline.csv') })
  return isAgreed && reports.every((report) => report.refused.length === 0)
}

/** Every row ends as loaded, as already there, or as refused with its line and the reason. */
async function load(
  file: string,
  rows: readonly Row[],
  one: (row: Row, report: Report) => Promise<void>,
): Promise<Report> {
  const report: Report = { file, rows: rows.length, loaded: 0, alreadyThere: 0, refused: [] }
  let done = 0
  let at = 0
  const worker = async (): Promise<void> => {
    for (let row = rows[at++]; row !== undefined; row = rows[at++]) {
      try {
        await one(row, report)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        report.refused.push({ line: row.line, reason: error.message })
      }
      if (++done % 1_000 === 0) console.error(`${file}: ${done} of ${rows.length}`)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  console.error(`${file}: ${done} of ${rows.length}`)
  return report
}

/** Creates, or finds what has the same unique value from an earlier run. */
async function createOnce(
  api: Api,
  noun: string,
  fields: object,
  options: { readonly key: string; readonly report: Report },
): Promise<Entity> {
  try {
    const { entity, isReplay } = await api.create(noun, fields, options.key)
    if (isReplay) options.report.alreadyThere += 1
    else options.report.loaded += 1
    return entity
  } catch (error) {
    const existingId =
      error instanceof Refusal && error.problem.code === 'conflict' ? error.problem.existingId : undefined
    if (existingId === undefined) throw error
    options.report.alreadyThere += 1
    return api.get(noun, existingId)
  }
}

async function loadOrganization(api: Api, row: Row, organizations: Map<string, string>, report: Report): Promise<void> {
  const { account = '', sector, year_established, revenue, employees, office_location } = row.values
  if (sector === 'technolgy') repairs.note("sector 'technolgy' is technology")
  const millions = readNumber(revenue)
  const fields = {
    name: account,
    slug: slugOf(account),
    industry: sector === 'technolgy' ? 'technology' : sector,
    foundedYear: readNumber(year_established),
    annualRevenue: typeof millions === 'number' ? Math.round(millions * 1_000_000) : millions,
    employeeCount: readNumber(employees),
    country: office_location === 'Philipines' ? 'Philippines' : office_location,
  }
  if (office_location === 'Philipines') repairs.note("country 'Philipines' is Philippines")
  const organization = await createOnce(api, 'Organization', fields, { key: `organization ${fields.slug}`, report })
  organizations.set(account, organization.$id)
}

/** A parent may stand below its subsidiary in the file, so parents are set when all are there. */
async function setParents(api: Api, rows: readonly Row[], organizations: ReadonlyMap<string, string>): Promise<void> {
  for (const { line, values } of rows) {
    const { account = '', subsidiary_of = '' } = values
    const id = organizations.get(account)
    if (subsidiary_of === '' || id === undefined) continue
    const parent = organizations.get(subsidiary_of)
    if (parent === undefined) throw new Error(`accounts.csv line ${line}: no account '${subsidiary_of}'`)
    const { parent: current } = await api.get('Organization', id)
    if (current !== parent) await api.update('Organization', id, { parent })
  }
}

async function loadProduct(api: Api, row: Row, products: Map<string, string>, report: Report): Promise<void> {
  const { product = '', series, sales_price } = row.values
  const fields = { name: product, slug: slugOf(product), status: 'Active', metadata: { series } }
  const { $id } = await createOnce(api, 'Product', fields, { key: `product ${fields.slug}`, report })
  products.set(product, $id)
  const { results } = await api.find('Price', { product: $id, limit: '1' })
  if (results.length > 0) return
  const price = readNumber(sales_price)
  const amount = typeof price === 'number' ? Math.round(price * 100) : price
  await api.create(
    'Price',
    { name: product, product: $id, amount, currency: 'USD', interval: 'OneTime', active: true },
    `price ${fields.slug}`,
  )
}

async function loadUser(api: Api, row: Row, users: Map<string, string>, report: Report): Promise<void> {
  const { sales_agent = '', manager, regional_office } = row.values
  // The file has no addresses, and a User needs one of its own.
  const email = `${slugOf(sales_agent)}@sales.example`
  const fields = { name: sales_agent, email, role: 'Member', metadata: { manager, region: regional_office } }
  const { $id } = await createOnce(api, 'User', fields, { key: `user ${email}`, report })
  users.set(sales_agent, $id)
}

interface Known {
  readonly organizations: ReadonlyMap<string, string>
  readonly products: ReadonlyMap<string, string>
  readonly users: ReadonlyMap<string, string>
}

async function loadDeal(api: Api, row: Row, known: Known, report: Report): Promise<void> {
  const {
    opportunity_id = '',
    sales_agent = '',
    account = '',
    deal_stage = '',
    engage_date,
    close_date,
    close_value,
  } = row.values
  let { product = '' } = row.values
  if (product === 'GTXPro') {
    product = 'GTX Pro'
    repairs.note("product 'GTXPro' is GTX Pro")
  }
  const hasAccount = account !== 'null' && account !== ''
  if (!hasAccount) repairs.note("account 'null' is none")
  const engageDate = readDate(engage_date, repairs)
  const fields = {
    name: `${hasAccount ? account : 'No account'} - ${product} - ${opportunity_id}`,
    externalId: opportunity_id,
    value: readNumber(close_value) ?? 0,
    currency: 'USD',
    owner: idOf(known.users, sales_agent, 'sales agent'),
    product: idOf(known.products, product, 'product'),
    ...(hasAccount ? { organization: idOf(known.organizations, account, 'account') } : {}),
    ...(engageDate === undefined ? {} : { metadata: { engageDate } }),
  }
  const deal = await createOnce(api, 'Deal', fields, { key: `deal ${opportunity_id}`, report })
  await move(api, deal, { stage: deal_stage, closeDate: readDate(close_date, repairs) })
}

function idOf(ids: ReadonlyMap<string, string>, name: string, kind: string): string {
  const id = ids.get(name)
  if (id === undefined) throw new Refusal(422, { detail: `there is no ${kind} '${name}'` })
  return id
}

/** From where the deal is to where the file has it, verb by verb; an earlier run may have stopped in between. */
async function move(
  api: Api,
  deal: Entity,
  target: { readonly stage: string; readonly closeDate: string | undefined },
): Promise<void> {
  const closing =
    target.closeDate === undefined
      ? {}
      : { actualCloseDate: target.closeDate, closedAt: `${target.closeDate}T00:00:00Z` }
  const current = String(deal['stage'])
  if (target.stage === 'Prospecting') return
  if (current === 'Prospecting') await api.perform('Deal', deal.$id, 'advance')
  if (target.stage === 'Won' && current !== 'Won') await api.perform('Deal', deal.$id, 'win', closing)
  if (target.stage === 'Lost' && current !== 'Lost') await api.perform('Deal', deal.$id, 'lose', closing)
  if (!['Engaging', 'Won', 'Lost'].includes(target.stage))
    throw new Refusal(422, { detail: `there is no stage '${target.stage}'` })
}

function printReports(reports: readonly Report[]): void {
  console.log('\nfile                    rows  loaded  already there  refused')
  for (const { file, rows, loaded, alreadyThere, refused } of reports) {
    console.log(
      `${file.padEnd(22)} ${column(rows, 5)} ${column(loaded, 7)} ${column(alreadyThere, 14)} ${column(refused.length, 8)}`,
    )
    if (loaded + alreadyThere + refused.length !== rows) throw new Error(`${file}: rows are unaccounted for`)
  }
  for (const { file, refused } of reports)
    for (const { line, reason } of refused) console.log(`${file} line ${line}: ${reason}`)
  console.log('\nmended on the way in')
  for (const [kind, count] of repairs.counts) console.log(`${column(count, 7)}  ${kind}`)
}

function column(value: number, width: number): string {
  return String(value).padStart(width)
}

const [, , tenantUrl = 'http://localhost:8787/~crm'] = process.argv
process.exitCode = (await main(tenantUrl)) ? 0 : 1
