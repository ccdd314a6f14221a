// The embedded server: workerd on this machine, with its data in a folder, bound to loopback unless it requires a sign-in.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { lockDataFolder } from './data-lock.ts'
import { overwriteErased } from './overwrite-erased.ts'
import { openObjectsMax } from './descriptor-limit.ts'
import { serveDiskSync } from './disk-sync.ts'
import { figuresOf, looksWith } from './hold-ups.ts'
import { watchHost } from './host-watch.ts'
import { checkLakePlace } from './lake-bucket.ts'
import { readOrMakeLakeSecret } from './lake-secret.ts'
import { servePasswordHashes } from './password-hashes.ts'
import { readOrMakeOperatorKey } from './operator-key.ts'
import { makeRunFolder, type RunFolder } from './run-folder.ts'
import { readOrMakeSecretsKeys } from './secrets-keys.ts'
import { sandboxSockets, serveSandboxes } from './sandbox-launcher.ts'
import { serveThumbnails, type Thumbnails } from './thumbnails.ts'
import { answersHeartbeat, ioCountOf } from './signs-of-life.ts'
import { watch } from './watchdog.ts'
import { formatWorkerdConfig, type WorkerdConfig } from './workerd-config.ts'
import { startWorkerd } from './workerd-process.ts'

export interface ServerOptions {
  /** Created if missing. */
  readonly dataFolder: string
  /** 0 takes any free port. */
  readonly port: number
  /** The IP address to listen on, `127.0.0.1` by default. Any other requires a sign-in. */
  readonly host?: string
  /** A call needs a key or a signed-in person. */
  readonly requireSignIn?: boolean
  /** The link that makes the first owner, as the Worker's binding `OWNER_LINK`. */
  readonly ownerLink?: string
  /** The bucket that holds the lake's files, as the Worker's binding `LAKE_BUCKET`; by default they are in the data folder. */
  readonly lakeBucket?: string
  /** For how many seconds a token of the lake's catalog is valid, as the Worker's binding `LAKE_TOKEN_SECONDS`. */
  readonly lakeTokenSeconds?: number
  /** Flush settings as JSON: `{"intervalMs":1000}`. The Worker reports invalid settings at `/health`. */
  readonly flush?: string
  /** Host names besides those of this machine, in lower case and without ports, separated by commas. */
  readonly allowedHosts?: string
  /** A provider of accounts, as the Worker's binding `SIGN_IN_PROVIDER`. */
  readonly signInProvider?: string
  /** The mail of the server itself, as the Worker's binding `MAIL`. */
  readonly mail?: string
  /** The callers who may keep a trial: `off` for no trials, `members` or `open`; as the Worker's binding `TRIALS`. */
  readonly trials?: string
  /** The tenant that callers without a key may read, on a server with trials. */
  readonly demoTenant?: string
  /** Issuers of tokens of CI jobs, as the Worker's binding `CI_ISSUERS`. */
  readonly ciIssuers?: string
  /** Addresses of proxies whose `X-Forwarded-For` counts, separated by commas. */
  readonly trustedProxies?: string
  /** The base of `$context`, without a slash at its end; by default the address of the request. */
  readonly publicUrl?: string
  /** Requests per minute of a key without full authority; 0 for no limit. */
  readonly rateLimit?: number
  /** The folder of this machine from which owners import files; by default none. */
  readonly importFolder?: string
  /** Networks in which mail servers may be, besides the public internet: `private`, `local`, or ranges such as 10.0.0.0/8. */
  readonly mailNetworks?: readonly string[]
  /** Certificates in PEM of authorities that mail servers may have, besides those of browsers. */
  readonly mailAuthorities?: readonly string[]
  /** Networks besides the public internet to which tenants may send requests. */
  readonly outsideNetworks?: readonly string[]
  /** Certificates in PEM of authorities that the servers there may have, besides those of browsers. */
  readonly outsideAuthorities?: readonly string[]
  /** The base address at which Stripe is reached, for tests; its network has to be among `outsideNetworks`. */
  readonly stripeServer?: string
  /** The Worker's bundle; by default the one built with this program. */
  readonly workerFile?: string
  /** The bundle of the Worker that runs code; by default the one built with this program. */
  readonly sandboxFile?: string
  /** Receives the lines that workerd prints. */
  readonly log?: (line: string) => void
  /** Receives lines for the operator: internal errors, restarts of workerd and their reasons, and a full disk. */
  readonly warn?: (line: string) => void
  /** Milliseconds between the watchdog's probes, and those that workerd has for an answer. */
  readonly probe?: { readonly intervalMs: number; readonly timeoutMs: number }
}

export interface Server {
  readonly url: string
  readonly port: number
  /** The process id of the present workerd. */
  pid(): number
  /** The process ids of the workerds that run code at present. */
  sandboxPids(): readonly number[]
  /** The process id of the one that decodes images, while there is one. */
  thumbnailPid(): number | undefined
  /** Resolves after `stop`. Rejects if workerd could not be kept running. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

const defaultProbe = { intervalMs: 1_000, timeoutMs: 2_000 }

/** Resolves once the server answers. Throws if the folder is in use or the port is taken. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { log = () => {}, warn = () => {}, probe = defaultProbe } = options
  const host = checkedHost(options)
  const dataFolder = resolve(options.dataFolder)
  const [objectsFolder, lakeFolder] = [join(dataFolder, 'objects'), join(dataFolder, 'lake')]
  for (const folder of [dataFolder, objectsFolder, lakeFolder]) mkdirSync(folder, { recursive: true })
  const lock = await lockDataFolder(dataFolder)
  const undo: (() => void | Promise<void>)[] = [() => lock.release()]
  const release = async (): Promise<void> => {
    for (const step of undo.toReversed()) await step()
  }
  try {
    checkLakePlace(dataFolder, options.lakeBucket)
    for (const name of formerRunFiles) rmSync(join(dataFolder, name), { recursive: true, force: true })
    await overwriteErased({ dataFolder, objectsFolder, lakeFolder, now: Date.now, warn })
    const variables = variablesOf(dataFolder, options, warn)
    const runFolder = makeRunFolder()
    undo.push(() => runFolder.remove())
    let restart = (): void => {}
    const folders = [objectsFolder, lakeFolder]
    const watchedHost = watchHost({ folders, objectsFolder, warn, setBack: () => restart() })
    undo.push(() => watchedHost.stop())
    const { socketFile } = runFolder
    const diskSync = await serveDiskSync({ lakeFolder, socketFile, space: () => watchedHost.report() })
    undo.push(() => diskSync.stop())
    const helpers = await serveHelpers(runFolder)
    undo.push(() => helpers.stop())
    const { worker, kv, sandboxWorker } = readBundles(options)
    const sandboxes = await serveSandboxes({ runFolder, worker: sandboxWorker, startWorkerd, log, warn })
    undo.push(() => sandboxes.stop())
    const consoleFolder = join(import.meta.dirname, bundledWorker.replace('worker.js', 'console'))
    const start = (port: number): ReturnType<typeof startWorkerd> => {
      const place = { objectsFolder, lakeFolder, consoleFolder, host, port, variables }
      const config = formatWorkerdConfig({ ...place, ...socketsOf(runFolder), ...reachOf(options) })
      const configFile = writeRunFiles(runFolder, { config, worker, kv })
      return startWorkerd({ configFile, log, printed: (text) => watchedHost.take(text), lock: lock.descriptor })
    }
    const answers = (): Promise<boolean> => answersHeartbeat(runFolder.heartbeatFile, probe.timeoutMs)
    const looks = looksWith({ figures: figuresOf, now: () => performance.now() })
    const watching = { answers, ioCount: ioCountOf, looks, warn, probeIntervalMs: probe.intervalMs }
    const watchdog = await watch({ start, ...watching, port: options.port })
    restart = () => killIfRunning(watchdog.pid())
    return {
      url: `http://${nameOfHost(host)}:${watchdog.port}`,
      port: watchdog.port,
      pid: () => watchdog.pid(),
      sandboxPids: () => sandboxes.pids(),
      thumbnailPid: () => helpers.thumbnails.pid(),
      ended: watchdog.ended,
      stop: async () => {
        await watchdog.stop()
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}

function readBundles({
  workerFile,
  sandboxFile,
}: ServerOptions): Readonly<Record<'worker' | 'kv' | 'sandboxWorker', Buffer>> {
  return {
    worker: readFileSync(workerFile ?? join(import.meta.dirname, bundledWorker)),
    kv: readFileSync(join(import.meta.dirname, bundledWorker.replace('worker.js', 'kv.js'))),
    sandboxWorker: readFileSync(sandboxFile ?? join(import.meta.dirname, bundledSandbox)),
  }
}

/** Serves what takes long for the Worker: hashes of passwords, and thumbnails. */
async function serveHelpers({
  hashesFile,
  thumbnailsFile,
}: RunFolder): Promise<{ readonly thumbnails: Thumbnails; readonly stop: () => Promise<void> }> {
  const hashes = await servePasswordHashes(hashesFile)
  const thumbnails = await serveThumbnails(thumbnailsFile, join(import.meta.dirname, bundledThumbnails))
  return {
    thumbnails,
    stop: async () => {
      await thumbnails.stop()
      await hashes.stop()
    },
  }
}

function reachOf({
  mailNetworks,
  mailAuthorities,
  outsideNetworks,
  outsideAuthorities,
  importFolder,
}: ServerOptions): Pick<
  WorkerdConfig,
  'mailNetworks' | 'mailAuthorities' | 'outsideNetworks' | 'outsideAuthorities' | 'importFolder'
> {
  const networks = { mailNetworks, mailAuthorities, outsideNetworks, outsideAuthorities }
  return importFolder === undefined ? networks : { ...networks, importFolder: resolve(importFolder) }
}

/** The sockets between workerd and the launcher. */
function socketsOf({
  path,
  socketFile,
  hashesFile,
  thumbnailsFile,
  heartbeatFile,
}: RunFolder): Pick<
  WorkerdConfig,
  'sandbox' | 'syncSocketFile' | 'hashesSocketFile' | 'thumbnailsSocketFile' | 'heartbeatSocketFile'
> {
  return {
    sandbox: sandboxSockets(path),
    syncSocketFile: socketFile,
    hashesSocketFile: hashesFile,
    thumbnailsSocketFile: thumbnailsFile,
    heartbeatSocketFile: heartbeatFile,
  }
}

const loopback = '127.0.0.1'

/** The name by which this machine reaches the address. */
function nameOfHost(host: string): string {
  if ([loopback, '0.0.0.0', '::', '::1'].includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

function checkedHost({ host = loopback, requireSignIn }: ServerOptions): string {
  if (host === loopback || requireSignIn === true) return host
  throw new Error(`expected requireSignIn on ${host}: anyone who reaches the server could do everything`)
}

/** The settings and secrets of the Worker. */
function variablesOf(
  dataFolder: string,
  options: ServerOptions,
  warn: (line: string) => void,
): WorkerdConfig['variables'] {
  return {
    LAKE_SECRET: readOrMakeLakeSecret(dataFolder),
    SECRETS_KEYS: readOrMakeSecretsKeys(dataFolder, Date.now()).split(/\s+/).join(','),
    OPEN_OBJECTS_MAX: String(openObjectsMax(warn)),
    ...(options.lakeBucket === undefined ? {} : { LAKE_BUCKET: options.lakeBucket }),
    ...(options.lakeTokenSeconds === undefined ? {} : { LAKE_TOKEN_SECONDS: String(options.lakeTokenSeconds) }),
    ...(options.flush === undefined ? {} : { FLUSH_SETTINGS: options.flush }),
    ...(options.rateLimit === undefined ? {} : { RATE_LIMIT: String(options.rateLimit) }),
    ...(options.requireSignIn === true
      ? { REQUIRE_SIGN_IN: 'true', OPERATOR_KEY: readOrMakeOperatorKey(dataFolder) }
      : {}),
    ...(options.ownerLink === undefined ? {} : { OWNER_LINK: options.ownerLink }),
    ...(options.trustedProxies === undefined ? {} : { TRUSTED_PROXIES: options.trustedProxies }),
    ...(options.mail === undefined ? {} : { MAIL: options.mail }),
    ...(options.trials === undefined ? {} : { TRIALS: options.trials }),
    ...(options.demoTenant === undefined ? {} : { DEMO_TENANT: options.demoTenant }),
    ...(options.ciIssuers === undefined ? {} : { CI_ISSUERS: options.ciIssuers }),
    ...(options.signInProvider === undefined ? {} : { SIGN_IN_PROVIDER: options.signInProvider }),
    ...allowedHostsOf(options),
    ...(options.publicUrl === undefined ? {} : { PUBLIC_URL: options.publicUrl }),
    ...(options.stripeServer === undefined ? {} : { STRIPE_SERVER: options.stripeServer }),
  }
}

/** The server also answers by the address that it listens on, and by the name of its public URL. */
function allowedHostsOf({ allowedHosts, host, publicUrl }: ServerOptions): { readonly ALLOWED_HOSTS?: string } {
  const named = [
    ...(allowedHosts === undefined ? [] : [allowedHosts]),
    ...(host === undefined || host === loopback ? [] : [nameOfHost(host)]),
    ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname]),
  ]
  return named.length === 0 ? {} : { ALLOWED_HOSTS: named.join(',') }
}

function killIfRunning(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Earlier versions kept these in the data folder. */
const formerRunFiles = ['lock', 'run']

/**
 * Writes everything that workerd reads at its start, since temporary files may have been cleaned up. The Workers come
 * from memory, since an upgrade may have replaced their files under a launcher that still runs.
 */
function writeRunFiles(
  folder: RunFolder,
  files: { readonly config: string; readonly worker: Buffer; readonly kv: Buffer },
): string {
  folder.ensure()
  writeFileSync(join(folder.path, 'worker.js'), files.worker)
  writeFileSync(join(folder.path, 'kv.js'), files.kv)
  const configFile = join(folder.path, 'config.capnp')
  // Left behind by a workerd that was killed.
  rmSync(folder.heartbeatFile, { force: true })
  // The file holds the secret. Delete it first: the mode that restricts it to its owner applies to new files only.
  rmSync(configFile, { force: true })
  writeFileSync(configFile, files.config, { mode: 0o600 })
  return configFile
}

/** The bundled launcher has the Worker beside it; the sources find it in `dist`. */
const bundledWorker = import.meta.filename.endsWith('.ts') ? '../../dist/worker.js' : 'worker.js'
const bundledSandbox = bundledWorker.replace('worker.js', 'sandbox.js')
const bundledThumbnails = bundledWorker.replace('worker.js', 'thumbnail-process.js')
