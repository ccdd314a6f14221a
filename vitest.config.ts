import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { makeMemoryFolder } from './test/memory-folder.ts'

const root = import.meta.dirname
/** Sources, not what was built from them. */
const resolve = { conditions: ['source'] }
/** A failing generated test prints its seed; with these it runs again as it was. workerd sees them as bindings. */
const repeated = Object.fromEntries(
  ['SEED', 'RUNS'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
)
/** Tests of killed servers, full disks and packages keep their files where users have them. */
const onDisk = { env: { TMPDIR: tmpdir() } }
/** workerd runs as a child of this process and takes its folder over. */
process.env['TMPDIR'] = makeMemoryFolder() ?? tmpdir()
/** Programs that tests run from sources start in 0.4 s instead of 0.9 s. */
process.env['NODE_COMPILE_CACHE'] = join(process.env['TMPDIR'], 'headlessly-compile-cache')
/** A package of this client's names its TypeScript `source`, which Node does not run inside of node_modules. */
const server = { deps: { inline: [/@modelcontextprotocol\/client/, /eventsource/] } }
/** The longest tests take 40 s beside others on two cores; a busy machine must not fail them. */
const timeouts = { testTimeout: 180_000, hookTimeout: 180_000 }

export default defineConfig({
  test: {
    // More than the cores, since much of the time is waiting for servers. A share above 100 % would count as 100 %.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    projects: [
      {
        resolve,
        ssr: { resolve },
        test: {
          ...timeouts,
          // They share no state, and starting a worker for each file takes longer than many of them.
          isolate: false,
          name: 'unit',
          globalSetup: ['test/report-skipped.ts'],
          include: [
            'packages/**/*.test.ts',
            'apps/headless.ly/src/**/*.test.ts',
            'apps/console/src/**/*.test.ts',
            'soak/**/*.test.ts',
            'test/*.test.ts',
          ],
          exclude: [
            '**/node_modules/**',
            '**/dist/**',
            '**/*.workerd.test.ts',
            '**/*.blackbox.test.ts',
            '**/*.long.test.ts',
            '**/*.release.test.ts',
          ],
        },
      },
      {
        plugins: [
          cloudflareTest({
            main: './packages/objects.do/test/worker.ts',
            miniflare: {
              compatibilityDate: '2026-10-20',
              compatibilityFlags: ['global_fetch_strictly_public'],
              durableObjects: {
                TENANTS: { className: 'TenantObject', useSQLite: true },
                BARE: { className: 'BareObject', useSQLite: true },
                SLICED: { className: 'SlicedObject', useSQLite: true },
                RECORDING: { className: 'RecordingObject', useSQLite: true },
                REGISTRY: { className: 'RegistryObject', useSQLite: true },
                DIRECTORY: { className: 'DirectoryObject', useSQLite: true },
                HASHER: { className: 'HasherObject', useSQLite: true },
                SERVED: { className: 'ServedObject', useSQLite: true },
                PAYMENTS: { className: 'PaymentsObject', useSQLite: true },
              },
              r2Buckets: { LAKE: 'lake' },
              kvNamespaces: { READ_KV: 'read' },
              bindings: repeated,
            },
          }),
        ],
        // The program for Workers, as the product's bundle has it.
        resolve: { ...resolve, alias: { stripe: join(root, 'node_modules/stripe/esm/stripe.esm.worker.js') } },
        ssr: { resolve },
        test: {
          ...timeouts,
          // Starting a process for each file takes a third of the run.
          isolate: false,
          name: 'workerd',
          // Its 170 modules take longer to transform one by one than all tests of it.
          deps: { optimizer: { ssr: { enabled: true, include: ['stripe'] } } },
          include: ['packages/**/*.workerd.test.ts', 'apps/headless.ly/src/**/*.workerd.test.ts'],
        },
      },
      {
        resolve,
        ssr: { resolve },
        test: {
          ...timeouts,
          isolate: false,
          name: 'blackbox',
          server,
          include: ['apps/headless.ly/test/**/*.blackbox.test.ts', 'packages/@headlessly/*/test/**/*.blackbox.test.ts'],
          globalSetup: ['apps/headless.ly/test/build.ts'],
        },
      },
      {
        resolve,
        ssr: { resolve },
        test: {
          ...timeouts,
          ...onDisk,
          isolate: false,
          // Servers that are killed, starved, filled up or upgraded. They wait in real time or keep all processors busy, so they
          // have a command of their own.
          name: 'long',
          include: ['apps/headless.ly/test/**/*.long.test.ts', 'packages/@headlessly/*/test/**/*.long.test.ts'],
          globalSetup: ['apps/headless.ly/test/build.ts'],
        },
      },
      {
        resolve,
        ssr: { resolve },
        test: {
          ...timeouts,
          ...onDisk,
          isolate: false,
          // Packages for npm, the Worker as Cloudflare runs it, and other people's programs. Installing and simulating take long,
          // so these tests have a command of their own.
          name: 'release',
          server,
          include: ['apps/headless.ly/test/**/*.release.test.ts', 'packages/@headlessly/*/test/**/*.release.test.ts'],
          globalSetup: ['apps/headless.ly/test/build.ts'],
        },
      },
    ],
  },
})
