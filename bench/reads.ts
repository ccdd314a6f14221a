// The cost of lists and of reads of the past, with a hundred times more entities or twenty times the history, and of paging
// by both kinds of reads.

import type { Server } from '../apps/headless.ly/src/embedded/launcher.ts'
import { HttpConnection, type LoadRequest } from './http-client.ts'
import { sendAll } from './send-all.ts'
import { cpuMicrosOf, median } from './load.ts'
import { atMost, type Finding } from './report.ts'
import { interleave } from './writes.ts'

const rounds = 9
const requestsPerRound = 60
const seedConnections = 64

export async function benchReads(server: Server, note: (line: string) => void): Promise<Finding[]> {
  const small = await seed(server, 'small', 1_000)
  const large = await seed(server, 'large', 100_000, note)
  const findings = [
    await compareSizes(server, {
      what: '20 of 20 matches',
      small: `organization=${small}`,
      large: `organization=${large}`,
      target: 1.2,
    }),
  ]
  findings.push(
    await compareSizes(server, {
      what: 'a tenth of all entities matching, page of 20',
      small: 'stage=Qualified',
      large: 'stage=Qualified',
      target: 2,
    }),
  )
  findings.push(await benchHistory(server))
  findings.push(await benchVersions(server))
  findings.push(...(await benchPaging(server)))
  return findings
}

/**
 * Creates contacts of which 20 belong to one organization and every tenth is qualified. Returns the organization's id.
 */
async function seed(
  server: Server,
  tenant: string,
  count: number,
  note: (line: string) => void = () => {},
): Promise<string> {
  const organization = (await one(server, {
    method: 'POST',
    path: `/~${tenant}/Organization`,
    body: '{"name":"Analytical Engines"}',
  })) as { $id: string }
  const every = Math.floor(count / 20)
  await all(server, count, (at) => {
    const fields = {
      name: `Contact ${at}`,
      email: `c${at}@example.com`,
      stage: at % 10 === 0 ? 'Qualified' : 'Lead',
      ...(at % every === 1 ? { organization: organization.$id } : {}),
    }
    if (at % 25_000 === 0 && at > 0) note(`${at} of ${count} contacts`)
    return { method: 'POST', path: `/~${tenant}/Contact`, body: JSON.stringify(fields) }
  })
  return organization.$id
}

async function compareSizes(
  server: Server,
  list: { what: string; small: string; large: string; target: number },
): Promise<Finding> {
  const path = (tenant: string, query: string): string => `/~${tenant}/Contact?${query}&limit=20&strong=true`
  const times = await interleave(
    { small: () => timeOf(server, path('small', list.small)), large: () => timeOf(server, path('large', list.large)) },
    rounds,
  )
  const [small, large] = [median(times.small), median(times.large)]
  return atMost(
    `indexed filter, ${list.what}, 100k entities against 1k`,
    list.target,
    large / small,
    `${large.toFixed(2)} ms, ${small.toFixed(2)} ms`,
  )
}

/**
 * 1,000 entities with 20 versions each. In 20 of the entities every version has the same value of the indexed field.
 */
async function benchHistory(server: Server): Promise<Finding> {
  const { $id: organization } = (await one(server, {
    method: 'POST',
    path: '/~history/Organization',
    body: '{"name":"Difference Engines"}',
  })) as { $id: string }
  const ids: string[] = []
  await all(
    server,
    1_000,
    (at) => ({
      method: 'POST',
      path: '/~history/Contact',
      body: JSON.stringify({ name: `Contact ${at}`, ...(at % 50 === 0 ? { organization } : {}) }),
    }),
    (body) => ids.push((JSON.parse(body) as { $id: string }).$id),
  )
  let moment = ''
  for (let version = 2; version <= 20; version++) {
    await all(server, ids.length, (at) => ({
      method: 'PATCH',
      path: `/~history/Contact/${ids[at]}`,
      body: JSON.stringify({ leadScore: version }),
    }))
    if (version === 10) moment = await pastTimestamp()
  }
  const path = `/~history/Contact?organization=${organization}&limit=20&strong=true`
  const times = await interleave(
    { present: () => timeOf(server, path), past: () => timeOf(server, `${path}&asOf=${moment}`) },
    rounds,
  )
  const [present, past] = [median(times.present), median(times.past)]
  return atMost(
    'asOf find on an indexed field, 20x history',
    3,
    past / present,
    `${past.toFixed(2)} ms, now ${present.toFixed(2)} ms`,
  )
}

async function benchVersions(server: Server): Promise<Finding> {
  const { $id } = (await one(server, { method: 'POST', path: '/~versions/Contact', body: '{"name":"Ada"}' })) as {
    $id: string
  }
  let moment = ''
  for (const half of [1, 2]) {
    await all(server, 5_000, (at) => ({
      method: 'PATCH',
      path: `/~versions/Contact/${$id}`,
      body: JSON.stringify({ leadScore: half * 10_000 + at }),
    }))
    if (half === 1) moment = await pastTimestamp()
  }
  const path = `/~versions/Contact/${$id}?strong=true`
  const times = await interleave(
    { present: () => timeOf(server, path), past: () => timeOf(server, `${path}&asOf=${moment}`) },
    rounds,
  )
  const [present, past] = [median(times.present), median(times.past)]
  return atMost(
    'asOf get on an entity with 10,000 versions',
    2,
    past / present,
    `${past.toFixed(2)} ms, now ${present.toFixed(2)} ms`,
  )
}

const paged = 20_000

/** CPU of the server while one client reads all pages of 100, from files and from the object. */
async function benchPaging(server: Server): Promise<Finding[]> {
  await all(server, paged, (at) => ({
    method: 'POST',
    path: '/~paged/Contact',
    body: JSON.stringify({ name: `Contact ${at}`, email: `c${at}@example.com`, leadScore: (at * 7) % 100 }),
  }))
  await one(server, { method: 'POST', path: '/~paged/lake/flush' })
  const cpuOf = async (query: string): Promise<number> => {
    const before = cpuMicrosOf(server.pid())
    await readPages(server, query)
    return (cpuMicrosOf(server.pid()) - before) / 1_000
  }
  // Each round has names of its own, so that no page comes from a cached answer.
  let round = 0
  const times = await interleave(
    {
      files: () => cpuOf(`sort=-$createdAt&fields=name,email,leadScore${'&'.repeat(++round)}`),
      strong: () => cpuOf('sort=-$createdAt&fields=name,email,leadScore&strong=true'),
    },
    rounds,
  )
  const [files, strong] = [median(times.files), median(times.strong)]
  const what = `paging through ${paged}, CPU of default reads against strong reads`
  return [atMost(what, 1.5, files / strong, `${files.toFixed(0)} ms, ${strong.toFixed(0)} ms`)]
}

async function readPages(server: Server, query: string): Promise<void> {
  const connection = await HttpConnection.open(server.port)
  const wanted = query.includes('strong') ? 'object' : 'files'
  let seen = 0
  for (let cursor = ''; ;) {
    const next = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const answer = await connection.send({ method: 'GET', path: `/~paged/Contact?limit=100&${query}${next}` })
    const source = /x-headlessly-source: (\w+)/i.exec(answer.headers)?.[1]
    if (answer.status !== 200 || source !== wanted) throw new Error(`${source}: ${answer.body}`)
    const page = JSON.parse(answer.body) as { readonly results: readonly unknown[]; readonly cursor: string | null }
    seen += page.results.length
    if (page.cursor === null) break
    cursor = page.cursor
  }
  connection.close()
  if (seen !== paged) throw new Error(`${seen} of ${paged} entities`)
}

/** Returns a past timestamp: all later writes are after it. */
async function pastTimestamp(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 20))
  const moment = new Date().toISOString()
  await new Promise((resolve) => setTimeout(resolve, 20))
  return moment
}

/** Returns milliseconds per request: the median of a round over one connection. */
async function timeOf(server: Server, path: string): Promise<number> {
  const connection = await HttpConnection.open(server.port)
  const times: number[] = []
  for (let count = 0; count < requestsPerRound; count++) {
    const start = performance.now()
    const answer = await connection.send({ method: 'GET', path })
    times.push(performance.now() - start)
    if (answer.status !== 200) throw new Error(answer.body)
  }
  connection.close()
  return median(times)
}

async function one(server: Server, request: LoadRequest): Promise<unknown> {
  const connection = await HttpConnection.open(server.port)
  const answer = await connection.send(request)
  connection.close()
  if (answer.status >= 300) throw new Error(answer.body)
  return JSON.parse(answer.body)
}

function all(
  server: Server,
  count: number,
  request: (at: number) => LoadRequest,
  seen?: (body: string) => void,
): Promise<void> {
  return sendAll(server, { count, connections: seedConnections, request, seen })
}
