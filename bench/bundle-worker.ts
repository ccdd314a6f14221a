// Bundles a Worker of a benchmark: the one that ships, with more calls.

import { join, resolve } from 'node:path'
import { build } from 'esbuild'

/** Returns the bundle's file. `worker` is a file of `bench/worker`. */
export async function bundleWorker(folder: string, worker: string): Promise<string> {
  const outfile = join(folder, 'worker.js')
  await build({
    entryPoints: [resolve(import.meta.dirname, 'worker', worker)],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    platform: 'browser',
    conditions: ['source'],
    external: ['cloudflare:*', 'node:*'],
    logLevel: 'warning',
  })
  return outfile
}
