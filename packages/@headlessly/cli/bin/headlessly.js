#!/usr/bin/env node
// The command line. A package runs the built bundle; in the source tree the sources are bundled first if they are
// newer. Plain JavaScript, so that Node 20 can run it.

import { existsSync, readdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const bundle = join(folder, 'dist/headlessly.mjs')

if (existsSync(join(folder, 'src'))) {
  const sources = [join(folder, 'src'), join(folder, '../sdk/src'), join(folder, '../../digital-objects/src')]
  if (!existsSync(bundle) || Math.max(...sources.flatMap(modifiedMs)) > statSync(bundle).mtimeMs) await build()
  await import('../dist/headlessly.mjs')
} else await import('../lib/main.js')

function modifiedMs(source) {
  return readdirSync(source, { recursive: true }).map((name) => statSync(join(source, name)).mtimeMs)
}

async function build() {
  const esbuild = await import('esbuild')
  // Written under a name of its own first, since other processes may read or build the bundle at the same time.
  const own = bundle.replace('.mjs', `.${process.pid}.mjs`)
  await esbuild.build({
    entryPoints: [join(folder, 'src/main.ts')],
    outfile: own,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['source'],
    logLevel: 'warning',
  })
  renameSync(own, bundle)
}
