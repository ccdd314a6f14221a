// Builds the console: scripts and styles whose names have the hash of their content, compressed beforehand, and the page that
// loads them. Plain JavaScript, since it runs before anything is built.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const folder = dirname(fileURLToPath(import.meta.url))

const sources = join(folder, 'src')

/** The path below `/` at which the files are served. Cloudflare serves them from a folder of the same name. */
const assetsPath = 'console/assets'

/** Cloudflare serves the files without the Worker, and compresses them itself. */
const cloudflareFiles = {
  _headers: `/${assetsPath}/*\n  Cache-Control: public, max-age=31536000, immutable\n  X-Content-Type-Options: nosniff\n`,
  '.assetsignore': '*.br\n*.gz\n',
}

/** Writes the files into `outdir`, and returns the page. */
export async function buildConsole(outdir) {
  const assets = join(outdir, assetsPath)
  const { build } = await import('esbuild')
  const { metafile, outputFiles } = await build({
    entryPoints: { console: join(sources, 'main.tsx') },
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['source'],
    platform: 'browser',
    jsx: 'automatic',
    minify: true,
    legalComments: 'none',
    metafile: true,
    write: false,
    define: { 'process.env.NODE_ENV': '"production"' },
    outdir: assets,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    logLevel: 'warning',
    absWorkingDir: folder,
  })
  mkdirSync(assets, { recursive: true })
  const written = new Set()
  for (const { path, contents } of outputFiles) {
    const name = basename(path)
    const compressed = { [name]: contents, [`${name}.br`]: brotli(contents), [`${name}.gz`]: gzipSync(contents) }
    for (const [file, bytes] of Object.entries(compressed)) {
      writeFileSync(join(assets, file), bytes)
      written.add(file)
    }
  }
  for (const name of readdirSync(assets)) if (!written.has(name)) rmSync(join(assets, name))
  for (const [name, text] of Object.entries(cloudflareFiles)) writeFileSync(join(outdir, name), text)
  return pageOf(metafile)
}

function brotli(bytes) {
  // One quality less makes 6 % more, and the highest takes three times as long for 2 % less.
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } })
}

function pageOf({ outputs }) {
  const [entry, { cssBundle, imports }] = Object.entries(outputs).find(
    ([, { entryPoint }]) => entryPoint === 'src/main.tsx',
  )
  const hrefOf = (path) => `/${assetsPath}/${basename(path)}`
  const statically = imports.filter(({ kind }) => kind === 'import-statement')
  return readFileSync(join(folder, 'index.html'), 'utf8').replace(
    '<!-- assets -->',
    [
      `<link rel="stylesheet" href="${hrefOf(cssBundle)}" />`,
      ...statically.map(({ path }) => `<link rel="modulepreload" href="${hrefOf(path)}" />`),
      `<script type="module" src="${hrefOf(entry)}"></script>`,
    ].join('\n    '),
  )
}
