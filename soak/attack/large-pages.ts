// Pages of large entities, many at once: together they would be gigabytes. Every request gets a page, as much of it as one
// answer may hold, or a 503, and memory comes back.

import { checkParallelReads } from './parallel-reads.ts'
import { type Scenario, type Target, scaled } from './scenario.ts'

const contacts = 100
const noteCharacters = 960_000
const pages = 40
/** From each source. A neighbour asks some hundred times meanwhile. */
const wavesMs = 10_000
const sources = { files: '', object: '&strong=true' } as const
const tenant = 'attacked'

export const largePages: Scenario = {
  name: 'large-pages',
  about: `${pages} parallel pages of ${contacts} contacts of nearly a megabyte, from files and from the object`,
  prepare: async (target) => {
    for (let at = 0; at < contacts; at++) await createContact(target, at)
    await post(`${target.url}/~${tenant}/lake/flush`)
  },
  attack: async (target) => {
    const figures: Record<string, string | number> = {}
    for (const [source, parameter] of Object.entries(sources)) {
      const path = `/~${tenant}/Contact?limit=100${parameter}`
      const found = await checkParallelReads(target, { path, count: scaled(target, pages), wavesMs })
      for (const [name, value] of Object.entries(found)) figures[`${source}.${name}`] = value
    }
    return figures
  },
}

async function createContact(target: Target, at: number): Promise<void> {
  const metadata = { note: 'x'.repeat(noteCharacters) }
  await post(`${target.url}/~${tenant}/Contact`, { name: `Contact ${at}`, metadata })
}

async function post(url: string, body?: object): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${(await answer.text()).slice(0, 300)}`)
}
