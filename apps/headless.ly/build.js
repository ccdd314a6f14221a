// Bundles the Worker and the launcher with esbuild. Plain JavaScript, since it runs before anything is built.

import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { docFiles, docsModule } from './build-docs.js'
import { pack } from './pack.js'

const folder = dirname(fileURLToPath(import.meta.url))
const dist = join(folder, 'dist')
const root = join(folder, '../..')
const packages = join(root, 'packages')
const functions = join(packages, 'functions.do')
const consoleFolder = join(folder, '../console')
const sources = [join(folder, 'src'), packages, join(consoleFolder, 'src')]

/** Does nothing without sources, as in a published package. */
export async function buildIfStale() {
  if (!existsSync(join(folder, 'src'))) return
  const built = Math.min(
    ...['worker.js', 'sandbox.js', 'kv.js', 'serve.js', 'thumbnail-process.js', 'console.js'].map((name) =>
      modifiedMs(join(dist, name)),
    ),
  )
  const others = [...docFiles(root).map(({ file }) => join(root, file)), join(folder, 'build-docs.js')]
  others.push(join(folder, 'pack.js'), ...['build.js', 'index.html'].map((name) => join(consoleFolder, name)))
  if (Math.max(...sources.map(newestMs), ...others.map(modifiedMs)) < built) return
  await build()
}

export async function build() {
  const { build: bundle } = await import('esbuild')
  const common = {
    bundle: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['source'],
    sourcemap: false,
    logLevel: 'warning',
    outdir: dist,
  }
  await buildCarried()
  await Promise.all([
    bundle({
      ...common,
      entryPoints: {
        worker: join(folder, 'src/worker.ts'),
        sandbox: join(folder, 'src/sandbox-worker.ts'),
        kv: join(folder, 'src/kv-worker.ts'),
      },
      platform: 'browser',
      conditions: ['source', 'workerd', 'worker'],
      external: ['cloudflare:*', 'node:*'],
      // workerd holds the source in memory several times. Names stay, so that stack traces can be read. Short names beside kept
      // ones (`keepNames`) make the bundle 9 % smaller after gzip, and cost 20 ms of CPU and 4 MB of memory at each start.
      minifyWhitespace: true,
    }),
    bundle({
      ...common,
      entryPoints: [join(folder, 'src/embedded/thumbnail-process.ts')],
      platform: 'node',
      target: 'node20',
      loader: { '.wasm': 'binary' },
    }),
    bundle({
      ...common,
      entryPoints: {
        serve: join(folder, 'src/embedded/serve.ts'),
        relocate: join(folder, 'src/embedded/relocate.ts'),
      },
      platform: 'node',
      target: 'node20',
      external: ['workerd'],
    }),
  ])
}

/** Makes the modules that the Worker carries: the documentation, `#docs`, the console's page, and the programs inside the sandbox. */
async function buildCarried() {
  mkdirSync(dist, { recursive: true })
  writeFileSync(join(dist, 'docs.js'), await docsModule(root))
  // A published package holds what was built, and no console to build.
  const { buildConsole } = await import('../console/build.js')
  const page = await buildConsole(join(dist, 'console'))
  writeFileSync(join(dist, 'console.js'), `export const consolePage = ${JSON.stringify(page)}\n`)
  await buildSandbox()
}

/** Bundles the programs inside the sandbox, which the Worker carries as strings: `#sandbox-code`. */
async function buildSandbox() {
  const programs = { run: await sandboxProgram('inside/main.ts'), check: await sandboxProgram('inside/check-main.ts') }
  const lines = [`sandboxPrograms = ${JSON.stringify(programs)}`, `packedPrograms = '${pack(programs)}'`]
  writeFileSync(join(dist, 'sandbox-code.js'), lines.map((line) => `export const ${line}\n`).join(''))
}

async function sandboxProgram(file) {
  const { build: bundle } = await import('esbuild')
  const { outputFiles } = await bundle({
    entryPoints: [join(functions, file)],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2024',
    platform: 'browser',
    conditions: ['source', 'workerd', 'worker'],
    // The developer's code is a module beside it, and the client in there never loads capnweb.
    external: ['cloudflare:*', 'node:async_hooks', './code.js', './capnweb.ts'],
    logLevel: 'warning',
  })
  return outputFiles[0].text
}

function modifiedMs(file) {
  return existsSync(file) ? statSync(file).mtimeMs : 0
}

function newestMs(path) {
  let newest = 0
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist') continue
    const inner = join(path, entry.name)
    newest = Math.max(newest, entry.isDirectory() ? newestMs(inner) : statSync(inner).mtimeMs)
  }
  return newest
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'carried') await buildCarried()
  else await build()
}
