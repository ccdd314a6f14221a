// Many tenants on one server under the usual limit of 1,024 file descriptors: each is written to, then some of them are read
// in no order, then the server is asked for all of them.

import { readdirSync } from 'node:fs'
import { type Scenario, scaled, type Target } from './scenario.ts'

const tenantsAtMost = 10_000
const workers = 16
/** One in this many is read. */
const readShare = 4
const descriptorsMax = 1_024

export const manyTenants: Scenario = {
  name: 'many-tenants',
  descriptorsMax,
  about: '10,000 tenants are written to, and a quarter of them read, with 1,024 file descriptors',
  attack: async (target) => {
    const count = scaled(target, tenantsAtMost)
    const started = Date.now()
    const names = Array.from({ length: count }, (_, nth) => `many-${nth}`)
    const written = await eachTenant(target, names, async (name) => create(target, name))
    const writtenMs = Date.now() - started
    const some = names.toSorted(() => Math.random() - 0.5).slice(0, Math.ceil(count / readShare))
    const read = await eachTenant(target, some, async (name) => checkContact(target, name))
    const listed = await countTenants(target)
    // The neighbour is one more.
    if (listed < count) throw new Error(`${listed} tenants are listed, ${count} were made`)
    return {
      tenants: count,
      read: some.length,
      'tenants written a second': Math.round((count / writtenMs) * 1_000),
      retries: written.retries + read.retries,
      'most descriptors': Math.max(written.descriptors, read.descriptors),
    }
  },
}

interface Round {
  readonly retries: number
  readonly descriptors: number
}

/** Each answers whether the server took the request; one that is overloaded is asked again. */
async function eachTenant(
  { processes }: Target,
  names: readonly string[],
  ask: (name: string) => Promise<boolean>,
): Promise<Round> {
  let [next, retries, descriptors] = [0, 0, 0]
  const work = async (): Promise<void> => {
    for (let nth = next++; nth < names.length; nth = next++) {
      while (!(await ask(names[nth] ?? ''))) {
        retries++
        await new Promise((resolve) => setTimeout(resolve, 1_000))
      }
      if (nth % 100 === 0) descriptors = Math.max(descriptors, ...processes().map(descriptorsOf))
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  if (descriptors >= descriptorsMax) throw new Error(`a process had ${descriptors} file descriptors`)
  return { retries, descriptors }
}

async function create({ url, printed }: Target, name: string): Promise<boolean> {
  const answer = await fetch(`${url}/~${name}/Contact`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  const text = await answer.text()
  if (answer.status === 503) return false
  if (answer.status !== 201)
    throw new Error(`${printed().slice(-1500)} the first write of ${name} answered ${answer.status}: ${text}`)
  return true
}

async function checkContact({ url }: Target, name: string): Promise<boolean> {
  const answer = await fetch(`${url}/~${name}/Contact?strong=true`)
  const text = await answer.text()
  if (answer.status === 503) return false
  const { results } = JSON.parse(text) as { readonly results?: readonly { readonly name: string }[] }
  if (results?.length !== 1 || results[0]?.name !== name)
    throw new Error(`${name} answered ${answer.status}: ${text.slice(0, 200)}`)
  return true
}

async function countTenants({ url }: Target): Promise<number> {
  let [count, cursor] = [0, '']
  for (let hasMore = true; hasMore;) {
    const answer = await fetch(`${url}/tenants?limit=1000&cursor=${cursor}`)
    const page = (await answer.json()) as { results: readonly object[]; hasMore: boolean; cursor: string | null }
    count += page.results.length
    hasMore = page.hasMore
    cursor = page.cursor ?? ''
  }
  return count
}

function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}
