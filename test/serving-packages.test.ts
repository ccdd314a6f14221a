// `npm install --omit=dev` is enough to serve: what `npm start` imports is installed without development packages.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: true } | undefined>>
}

const root = resolve(import.meta.dirname, '..')
const { packages } = JSON.parse(readFileSync(resolve(root, 'package-lock.json'), 'utf8')) as Lock
const build = readFileSync(resolve(root, 'apps/headless.ly/build.js'), 'utf8')

test('the console, which the build bundles, imports no package for development', () => {
  const { dependencies } = JSON.parse(readFileSync(resolve(root, 'apps/console/package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  const names = Object.keys(dependencies)
  expect(names).toContain('react')
  expect(names.filter((name) => packages[`node_modules/${name}`]?.dev !== undefined)).toEqual([])
})

test('the build, with which `npm start` begins, imports no package for development', () => {
  const imported = [...build.matchAll(/\bimport\('([^'.][^']*)'\)|\bfrom '([^'.][^']*)'/g)]
    .map(([, dynamic, fixed]) => dynamic ?? fixed ?? '')
    .filter((name) => !name.startsWith('node:'))
  expect(imported).toContain('esbuild')
  expect(imported.filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([])
  const forDevelopment = imported.filter((name) => packages[`node_modules/${name}`]?.dev !== undefined)
  expect(forDevelopment).toEqual([])
})
