// The KV binding of the embedded server, through workerd, with the cache that the Worker that ships has.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll } from 'vitest'
import { startServer } from '../src/embedded/launcher.ts'
import { testReadCache } from '../src/read/read-cache.suite.ts'
import { useServer } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-kv-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const server = useServer({
  start: async (dataFolder) => {
    const workerFile = join(folder, 'worker.js')
    await build({
      entryPoints: [join(import.meta.dirname, 'kv-client-worker.ts')],
      outfile: workerFile,
      bundle: true,
      format: 'esm',
      target: 'es2024',
      platform: 'browser',
      conditions: ['source', 'workerd', 'worker'],
      external: ['cloudflare:*', 'node:*'],
      logLevel: 'warning',
    })
    return startServer({ dataFolder, port: 0, workerFile })
  },
})

/** Without the beginning of the suite's longest name: the server limits the size of headers. */
const headerOf = (name: string): Record<string, string> => ({ 'x-name': encodeURIComponent(name).slice(-8_000) })

testReadCache('the KV binding of the embedded server', () => ({
  get: async (name) => {
    const answer = await fetch(server.url(), { headers: headerOf(name) })
    if (answer.status !== 200) return undefined
    const version = answer.headers.get('x-version')
    const body = new Uint8Array(await answer.arrayBuffer())
    return { body, ...(version === null ? {} : { version: Number(version) }) }
  },
  put: async (name, { body, version }) => {
    const headers = { ...headerOf(name), ...(version === undefined ? {} : { 'x-version': String(version) }) }
    await fetch(server.url(), { method: 'PUT', headers, body: body.slice() })
  },
}))
