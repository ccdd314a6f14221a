#!/usr/bin/env node
// The command line. Packed it is what was built; among its sources it is bundled first, where they are newer. Plain
// JavaScript, so that Node 20 runs it as it is.

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
  // Another process may be reading it, or building it as well.
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
