// The client in a separate Worker on the shipped workerd: the influence of one request on another.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compatibilityDate } from '../../../../apps/headless.ly/src/embedded/workerd-config.ts'
import { startWorkerd, type WorkerdProcess } from '../../../../apps/headless.ly/src/embedded/workerd-process.ts'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'

const { url, tenant } = useServer()
const folder = mkdtempSync(join(tmpdir(), 'headlessly-worker-'))
let workerd: WorkerdProcess

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, 'client-worker.ts')],
    outfile: join(folder, 'worker.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    conditions: ['source', 'workerd'],
    external: ['cloudflare:*'],
  })
  const variables = { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: tenant() }
  const bindings = Object.entries(variables).map(([name, text]) => `(name = "${name}", text = "${text}")`)
  writeFileSync(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "client", worker = .client),
    (name = "internet", network = (allow = ["local", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "client")],
);
const client :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${compatibilityDate}",
  bindings = [${bindings.join(', ')}],
);
`,
  )
  workerd = await startWorkerd({ configFile: join(folder, 'config.capnp'), log: console.log })
})
afterAll(async () => {
  await workerd.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function ask(path: string, signal?: AbortSignal): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${workerd.port}${path}`, signal === undefined ? {} : { signal })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${answer.status} ${text}`)
  return text.startsWith('[') ? JSON.parse(text) : text
}

const chain = (name: string): Promise<unknown> => ask(`/chain?name=${name}`, AbortSignal.timeout(10_000))
const outcome = (name: string): unknown => [true, [`${name}'s of ${name}`]]

test('the platform program runs in a Worker', async () => {
  expect(await ask('/program')).toContain('pipelines')
})

test('concurrent requests share a client, and each gets its own results', async () => {
  const names = Array.from({ length: 40 }, (_, at) => `c${at}`)
  expect(await Promise.all(names.map(chain))).toEqual(names.map(outcome))
})

test('requests whose callers have disconnected block no others', async () => {
  const gone = new AbortController()
  const hanging = Array.from({ length: 40 }, () => ask('/hang', gone.signal).catch(() => {}))
  expect(await chain('early')).toEqual(outcome('early'))
  const during = chain('during')
  gone.abort()
  await Promise.all(hanging)
  expect(await Promise.all([during, chain('late')])).toEqual([outcome('during'), outcome('late')])
})

test('a request receives events of its writes while others subscribe and write', async () => {
  const names = Array.from({ length: 5 }, (_, at) => `h${at}`)
  const heard = await Promise.all(names.map((name) => ask(`/hear?name=${name}`, AbortSignal.timeout(10_000))))
  expect(heard).toEqual(names.map(() => [true]))
})

test('a subscription that ended with its request blocks no writes of others', async () => {
  const names = Array.from({ length: 5 }, (_, at) => `l${at}`)
  for (const name of names) {
    expect(await ask('/listen')).toBe('listens')
    const startMs = performance.now()
    expect(await chain(name)).toEqual(outcome(name))
    expect(performance.now() - startMs).toBeLessThan(2_000)
  }
})
