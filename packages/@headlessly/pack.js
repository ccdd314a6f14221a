// What `npm pack` sends: `lib`, made from what `tsc` builds. Run in a package's folder, before and after packing.
//
// The SDK carries the vocabulary inside, so that it depends on nothing: one tarball is all that it takes to install it.
// While npm packs, package.json is without what only this workspace knows; afterwards it is as it was.

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
  // Left by a packing that was killed.
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

/** JavaScript and declarations; maps would point to sources that are not sent. */
function copyBuilt(from, to) {
  cpSync(from, to, {
    recursive: true,
    filter: (file) => statSync(file).isDirectory() || (/\.(?:js|d\.ts)$/.test(file) && !file.includes('.test.')),
  })
  for (const file of filesOf(to)) {
    const text = readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, '')
    // Declarations still name sources: not every compiler takes that.
    writeFileSync(file, file.endsWith('.d.ts') ? text.replace(/(['"]\.[^'"\n]*)\.ts(['"])/g, '$1.js$2') : text)
  }
}

/** Every import of the vocabulary becomes one of the copy. */
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
