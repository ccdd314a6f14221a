// Packs packages as for npm, from a copy of this workspace, and installs them in an empty folder.

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../../../..')

/**
 * Runs the npm of the current Node, without the environment of an outer npm. It blocks nothing, since this process may be
 * the launcher of the server that the program talks to.
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<string> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))
  const env = { ...Object.fromEntries(own), ...options.env }
  const running = promisify(execFile)(command, args, { cwd: options.cwd, env, maxBuffer: 64 * 2 ** 20 })
  running.child.stdin?.end()
  try {
    return (await running).stdout
  } catch (error) {
    // Compilers print their errors to the standard output.
    if (error instanceof Error && 'stdout' in error) error.message += `\n${String(error.stdout)}`
    throw error
  }
}

/** Packs `@headlessly/…` by their last names and installs them, without a registry, in `app`. */
export async function packAndInstall(
  folder: string,
  names: readonly string[],
): Promise<{ readonly tarballs: string; readonly app: string }> {
  const [tarballs, dependencies, app, copy] = ['tarballs', 'dependencies', 'app', 'workspace'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string]
  // Packing temporarily changes a package's files, which other tests read, so it works on copies.
  mkdirSync(join(copy, 'packages'), { recursive: true })
  for (const name of ['tsconfig.base.json', 'LICENSE']) cpSync(join(root, name), join(copy, name))
  for (const name of ['@headlessly', 'digital-objects'])
    cpSync(join(root, 'packages', name), join(copy, 'packages', name), {
      recursive: true,
      // Leaves out built files, as after a fresh checkout.
      filter: (file) => !/\/(?:dist|lib|node_modules)$/.test(file),
    })
  mkdirSync(join(copy, 'node_modules'))
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== '@headlessly' && name !== 'digital-objects')
      symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name))
  symlinkSync(join(copy, 'packages/digital-objects'), join(copy, 'node_modules/digital-objects'))
  symlinkSync(join(copy, 'packages/@headlessly'), join(copy, 'node_modules/@headlessly'))
  for (const made of [tarballs, dependencies, app]) mkdirSync(made)
  for (const name of names)
    await runProgram('npm', ['pack', '--pack-destination', tarballs], { cwd: join(copy, 'packages/@headlessly', name) })
  // The only dependency is copied from this workspace.
  const carried = ['pack', join(root, 'node_modules/capnweb'), '--ignore-scripts', '--pack-destination', dependencies]
  await runProgram('npm', carried, { cwd: root })
  writeFileSync(join(app, 'package.json'), '{ "type": "module" }')
  const files = [tarballs, dependencies].flatMap((from) => readdirSync(from).map((name) => join(from, name)))
  await runProgram('npm', ['install', '--offline', '--no-audit', '--no-fund', ...files], { cwd: app })
  return { tarballs, app }
}
