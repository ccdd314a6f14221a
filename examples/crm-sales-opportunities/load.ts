// Loads a year of a hardware seller's CRM with the typed client, moves its deals through their verbs, and prints the
// pipeline. It can be repeated: existing entities are recognized and never duplicated.
//
//   npm run example:crm -- http://localhost:8787/~crm

import { type Client, Headlessly } from '@headlessly/sdk'
import { fill, type Refusal, type Report, RowError } from './fill.ts'
import { isStage, moveDeals } from './move-deals.ts'
import { printPipeline } from './pipeline.ts'
import { opportunityColumns, readDate, readNumber, readRows, Repairs, slugOf } from './rows.ts'

const accounts = readRows('accounts.csv', [
  'account',
  'sector',
  'year_established',
  'revenue',
  'employees',
  'office_location',
  'subsidiary_of',
])
const products = readRows('products.csv', ['product', 'series', 'sales_price'])
const agents = readRows('sales_teams.csv', ['sales_agent', 'manager', 'regional_office'])
const opportunities = readRows('sales_pipeline.csv', opportunityColumns)

type Ids = ReadonlyMap<string, string>

const repairs = new Repairs()

export async function main(tenantUrl: string): Promise<boolean> {
  const [, endpoint, tenant] = /^(.*)\/~([^/]*)\/?$/.exec(tenantUrl) ?? []
  if (endpoint === undefined || tenant === undefined)
    throw new Error(`expected a tenant's URL such as http://localhost:8787/~crm, got ${tenantUrl}`)
  const client = Headlessly({ endpoint, tenant })

  const organizations = await loadOrganizations(client)
  await setParents(client, organizations.ids)
  const catalog = await loadProducts(client)
  await loadPrices(client, catalog.ids)
  const users = await loadUsers(client)
  const deals = await loadDeals(client, { organizations: organizations.ids, products: catalog.ids, users: users.ids })
  const unmoved = await moveDeals(client, { opportunities, repairs })

  const reports = [organizations, catalog, users, deals].map(({ report }) => report)
  printReports(reports, unmoved)
  const agentNames = new Map(
    agents.map(({ values: { sales_agent } }) => [users.ids.get(emailOf(sales_agent)) ?? '', sales_agent]),
  )
  const isAgreed = await printPipeline(client, { agentNames, opportunities })
  return isAgreed && unmoved.length === 0 && reports.every((report) => report.refused.length === 0)
}

function loadOrganizations({ Organization }: Client) {
  return fill({
    file: 'accounts.csv',
    rows: accounts,
    keyOf: ({ account }) => slugOf(account),
    findIds: () => idsBy(Organization.find({}, { fields: ['slug'], strong: true }), ({ slug }) => slug),
    create: Organization.create,
    toInput: ({ account, sector, year_established, revenue, employees, office_location }) => {
      const millions = readNumber(revenue)
      return {
        name: account,
        slug: slugOf(account),
        industry: mended('sector', sector, { technolgy: 'technology' }),
        foundedYear: readNumber(year_established),
        annualRevenue: millions === null ? null : Math.round(millions * 1_000_000),
        employeeCount: readNumber(employees),
        country: mended('country', office_location, { Philipines: 'Philippines' }),
      }
    },
  })
}

/** Runs after all organizations exist, since a parent may come after its subsidiary in the file. */
async function setParents({ Organization }: Client, ids: Ids): Promise<void> {
  const parents = new Map<string, string>()
  for await (const { $id, parent } of Organization.find({}, { fields: ['parent'] })) parents.set($id, parent ?? '')
  for (const { line, values } of accounts) {
    const id = ids.get(slugOf(values.account))
    if (values.subsidiary_of === '' || id === undefined) continue
    const parent = ids.get(slugOf(values.subsidiary_of))
    if (parent === undefined) throw new Error(`accounts.csv line ${line}: no account '${values.subsidiary_of}'`)
    if (parents.get(id) !== parent) await Organization.update(id, { parent })
  }
}

function loadProducts({ Product }: Client) {
  return fill({
    file: 'products.csv',
    rows: products,
    keyOf: ({ product }) => slugOf(product),
    findIds: () => idsBy(Product.find({}, { fields: ['slug'], strong: true }), ({ slug }) => slug),
    create: Product.create,
    toInput: ({ product, series }) => ({
      name: product,
      slug: slugOf(product),
      status: 'Active' as const,
      metadata: { series },
    }),
  })
}

/** A price has no unique field, so it counts as existing if its product has a price. */
async function loadPrices({ Price }: Client, productIds: Ids): Promise<void> {
  const priced = await idsBy(Price.find({}, { fields: ['product'], strong: true }), ({ product }) => product)
  const missing = products.flatMap(({ values: { product: name, sales_price } }) => {
    const product = productIds.get(slugOf(name))
    if (product === undefined || priced.has(product)) return []
    const amount = Math.round(Number(sales_price) * 100)
    return [{ name, product, amount, currency: 'USD', interval: 'OneTime' as const, active: true }]
  })
  await Price.createMany(missing)
}

function loadUsers({ User }: Client) {
  return fill({
    file: 'sales_teams.csv',
    rows: agents,
    keyOf: ({ sales_agent }) => emailOf(sales_agent),
    findIds: () => idsBy(User.find({}, { fields: ['email'], strong: true }), ({ email }) => email),
    create: User.create,
    toInput: ({ sales_agent, manager, regional_office }) => ({
      name: sales_agent,
      email: emailOf(sales_agent),
      role: 'Member' as const,
      metadata: { manager, region: regional_office },
    }),
  })
}

/** The file has no email addresses, but every User needs a unique one. */
function emailOf(agent: string): string {
  return `${slugOf(agent)}@sales.example`
}

function loadDeals(
  { Deal }: Client,
  known: { readonly organizations: Ids; readonly products: Ids; readonly users: Ids },
) {
  return fill({
    file: 'sales_pipeline.csv',
    rows: opportunities,
    keyOf: ({ opportunity_id }) => opportunity_id,
    findIds: () => idsBy(Deal.find({}, { fields: ['externalId'], strong: true }), ({ externalId }) => externalId),
    create: Deal.create,
    toInput: ({ opportunity_id, sales_agent, account, deal_stage, engage_date, close_value, ...values }) => {
      if (!isStage(deal_stage)) throw new RowError(`unknown stage '${deal_stage}'`)
      const product = mended('product', values.product, { GTXPro: 'GTX Pro' })
      const hasAccount = account !== 'null' && account !== ''
      if (!hasAccount) repairs.note("account 'null' is none")
      const engageDate = readDate(engage_date, repairs)
      return {
        name: `${hasAccount ? account : 'No account'} - ${product} - ${opportunity_id}`,
        externalId: opportunity_id,
        value: readNumber(close_value) ?? 0,
        currency: 'USD',
        owner: knownId(known.users, emailOf(sales_agent), `sales agent '${sales_agent}'`),
        product: knownId(known.products, slugOf(product), `product '${product}'`),
        organization: hasAccount ? knownId(known.organizations, slugOf(account), `account '${account}'`) : null,
        metadata: engageDate === null ? null : { engageDate },
      }
    },
  })
}

async function idsBy<Entity extends { readonly $id: string }>(
  entities: AsyncIterable<Entity>,
  keyOf: (entity: Entity) => string | undefined,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  for await (const entity of entities) {
    const key = keyOf(entity)
    if (key !== undefined) ids.set(key, entity.$id)
  }
  return ids
}

function knownId(ids: Ids, key: string, what: string): string {
  const id = ids.get(key)
  if (id === undefined) throw new RowError(`unknown ${what}`)
  return id
}

function mended(what: string, text: string, corrections: Readonly<Record<string, string>>): string {
  const right = corrections[text]
  if (right === undefined) return text
  repairs.note(`${what} '${text}' is ${right}`)
  return right
}

function printReports(reports: readonly Report[], unmoved: readonly Refusal[]): void {
  console.log('\nfile                    rows  loaded  already there  refused')
  for (const { file, rows, alreadyThere, refused } of reports) {
    const loaded = rows - alreadyThere - refused.length
    console.log(
      `${file.padEnd(22)} ${column(rows, 5)} ${column(loaded, 7)} ${column(alreadyThere, 14)} ${column(refused.length, 8)}`,
    )
  }
  for (const { file, refused } of reports)
    for (const { line, reason } of refused) console.log(`${file} line ${line}: ${reason}`)
  for (const { line, reason } of unmoved)
    console.log(`sales_pipeline.csv line ${line} is loaded but not moved: ${reason}`)
  console.log('\nrepaired while loading')
  for (const [kind, count] of repairs.counts) console.log(`${column(count, 7)}  ${kind}`)
}

function column(value: number, width: number): string {
  return String(value).padStart(width)
}

const [, , tenantUrl = 'http://localhost:8787/~crm'] = process.argv
process.exitCode = (await main(tenantUrl)) ? 0 : 1
