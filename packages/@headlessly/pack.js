// Prepares a package for `npm pack`: builds `lib` from the output of `tsc`. Runs in a package's folder, before and
// after packing.
//
// The SDK bundles the vocabulary, so that its tarball has no dependency outside the registry. During packing,
// package.json lacks everything that only this workspace uses; afterwards it is restored.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'

const folder = process.cwd()
const root = resolve(import.meta.dirname, '../..')
const [manifestFile, savedFile, lib] = ['package.json', 'dist/package.json.saved', 'lib'].map((name) =>
  join(folder, name),
)
const carried = 'digital-objects'

if (process.argv[2] === 'restore') restore()
else prepare()

function prepare() {
  // Left behind by a packing that was killed.
  restore()
  build()
  rmSync(lib, { recursive: true, force: true })
  copyBuilt(join(folder, 'dist'), lib)
  const {
    private: _private,
    scripts: _scripts,
    devDependencies,
    exports,
    ...manifest
  } = JSON.parse(readFileSync(manifestFile, 'utf8'))
  if (devDependencies?.[carried] !== undefined) carry()
  cpSync(join(root, 'LICENSE'), join(lib, 'LICENSE'))
  cpSync(manifestFile, savedFile)
  const { source: _source, ...conditions } = exports['.']
  writeFileSync(manifestFile, `${JSON.stringify({ ...manifest, exports: { '.': conditions } }, null, 2)}\n`)
}

function restore() {
  if (!existsSync(savedFile)) return
  cpSync(savedFile, manifestFile)
  rmSync(savedFile)
}

function build() {
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  const { status } = spawnSync(process.execPath, [compiler, '-b'], { cwd: folder, stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(1)
}

/** Copies JavaScript and declarations. Maps are left out, since they refer to sources that are not packed. */
function copyBuilt(from, to) {
  cpSync(from, to, {
    recursive: true,
    filter: (file) => statSync(file).isDirectory() || (/\.(?:js|d\.ts)$/.test(file) && !file.includes('.test.')),
  })
  for (const file of filesOf(to)) {
    const text = readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, '')
    // Declarations import `.ts` files, which not every compiler accepts.
    writeFileSync(file, file.endsWith('.d.ts') ? text.replace(/(['"]\.[^'"\n]*)\.ts(['"])/g, '$1.js$2') : text)
  }
}

/** Rewrites every import of the vocabulary to the bundled copy. */
function carry() {
  const copy = join(lib, carried)
  copyBuilt(join(root, 'packages', carried, 'dist'), copy)
  for (const file of filesOf(lib).filter((file) => !file.startsWith(copy))) {
    const path = relative(dirname(file), join(copy, 'index.js')).replaceAll('\\', '/')
    const text = readFileSync(file, 'utf8')
    writeFileSync(
      file,
      text.replaceAll(new RegExp(`(['"])${carried}\\1`, 'g'), `'${path.startsWith('.') ? path : `./${path}`}'`),
    )
  }
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
}
