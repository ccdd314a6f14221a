// The configuration of workerd, written at each start. It runs the same Worker as Cloudflare, with disk services in
// place of Cloudflare's own. Its bindings come from the list that also types the Worker's environment.

import { type Binding, bindings, directoryKey, hasherKey, tenantsKey, type VariableName } from '../base/bindings.ts'

export interface WorkerdConfig {
  /** Absolute paths of existing folders. */
  readonly objectsFolder: string
  readonly lakeFolder: string
  /** The folder from which owners import files; by default none. */
  readonly importFolder?: string | undefined
  /** The folder that holds the console's files. */
  readonly consoleFolder: string
  /** The socket on which the launcher listens for `POST /sync`. */
  readonly syncSocketFile: string
  /** The socket on which the launcher listens for `POST /hash`. */
  readonly hashesSocketFile: string
  /** The socket on which the launcher listens for `POST /thumbnail`. */
  readonly thumbnailsSocketFile: string
  /** The sockets of the processes that run code, and of the launcher, which starts them. */
  readonly sandbox: { readonly launcher: string; readonly processes: readonly string[] }
  /** The socket on which workerd answers its heartbeat. */
  readonly heartbeatSocketFile: string
  /** The IP address to listen on. */
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Networks besides the public internet in which mail servers may be: `private`, `local`, or ranges such as 10.0.0.0/8. */
  readonly mailNetworks?: readonly string[] | undefined
  /** Certificates in PEM of authorities that mail servers may have, besides those of browsers. */
  readonly mailAuthorities?: readonly string[] | undefined
  /** The same for the requests that tenants send. */
  readonly outsideNetworks?: readonly string[] | undefined
  readonly outsideAuthorities?: readonly string[] | undefined
  readonly variables: { readonly [Name in VariableName]?: string }
}

/** Must not be newer than the workerd binary supports; `wrangler.jsonc` uses the same date. */
export const compatibilityDate = '2026-10-20'
/** The documents of OAuth's clients are read from public hosts only; `wrangler.jsonc` has it too. */
const publicFetchFlag = 'global_fetch_strictly_public'
/**
 * Limits V8's heap of new objects, of which there are three such spaces. V8 lets it grow to 16 MB under load, which leaves a
 * hundred megabytes of garbage resident and saves no CPU here. The heap of old objects has no limit: V8 ends a process that
 * reaches one.
 */
const newHeapMegabytesMax = 4
/** Identifies the stored object, so it never changes. */
const registryKey = 'headless.ly-registry'

/**
 * Returns Cap'n Proto text. The Worker's bundle must lie beside it as `worker.js`, and that of the KV namespace as `kv.js`,
 * since workerd embeds by relative path only.
 */
export function formatWorkerdConfig(config: WorkerdConfig): string {
  // The space before each `.name` is needed: `=.` would be an operator.
  const variables = Object.entries(config.variables).map(
    ([name, value]) => `(name = ${quote(name)}, text = ${quote(value)})`,
  )
  const bound = formatBindings(config)
  const sockets = [
    formatSocket(bindings.LAKE_SYNC.service, config.syncSocketFile),
    formatSocket(bindings.HASHES.service, config.hashesSocketFile),
    formatSocket(bindings.THUMBNAILS.service, config.thumbnailsSocketFile),
    formatSocket(bindings.SANDBOX_LAUNCHER.service, config.sandbox.launcher),
    ...[bindings.SANDBOX_A, bindings.SANDBOX_B].map(({ service }, index) =>
      formatSocket(service, config.sandbox.processes[index] ?? ''),
    ),
  ]
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  v8Flags = ["--max-semi-space-size=${newHeapMegabytesMax}"],
  services = [
    (name = "front-door", worker = .frontDoor),
    (name = "heartbeat", worker = .heartbeat),
    (name = "${bindings.READ_KV.service}", worker = .kv),
    ${formatDisks(config).join(',\n    ')},
    ${formatNetworks(config).join(',\n    ')},
    ${sockets.join(',\n    ')},
  ],
  sockets = [
    (name = "http", address = ${quote(`${config.host.includes(':') ? `[${config.host}]` : config.host}:${config.port}`)}, http = (), service = "front-door"),
    (name = "heartbeat", address = ${quote(`unix:${config.heartbeatSocketFile}`)}, http = (), service = "heartbeat"),
  ],
);

# Answers the launcher beside the Worker, whose queues do not delay it.
const heartbeat :Workerd.Worker = (
  modules = [(name = "heartbeat.js", esModule = "export default { fetch: () => new Response() }")],
  compatibilityDate = "${compatibilityDate}",
);

# Stands behind the KV namespace.
const kv :Workerd.Worker = (
  modules = [(name = "kv.js", esModule = embed "kv.js")],
  compatibilityDate = "${compatibilityDate}",
);

const frontDoor :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${compatibilityDate}",
  compatibilityFlags = ["${publicFetchFlag}"],
  durableObjectNamespaces = [
    (className = ${quote(bindings.TENANTS.className)}, uniqueKey = "${tenantsKey}", enableSql = true),
    (className = ${quote(bindings.REGISTRY.className)}, uniqueKey = "${registryKey}", enableSql = true),
    (className = ${quote(bindings.DIRECTORY.className)}, uniqueKey = "${directoryKey}", enableSql = true),
    (className = ${quote(bindings.HASHER.className)}, uniqueKey = "${hasherKey}", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "objects"),
  bindings = [${[...bound, ...variables].join(', ')}],
);
`
}

function formatDisks({ objectsFolder, lakeFolder, consoleFolder, importFolder }: WorkerdConfig): readonly string[] {
  const format = (name: string, folder: string, isWritable: boolean): string =>
    `(name = ${quote(name)}, disk = (path = ${quote(folder)}, writable = ${isWritable}))`
  return [
    format('objects', objectsFolder, true),
    format('lake', lakeFolder, true),
    format(bindings.CONSOLE.service, consoleFolder, false),
    ...(importFolder === undefined ? [] : [format(bindings.IMPORTS_DISK.service, importFolder, false)]),
  ]
}

function formatNetworks(config: WorkerdConfig): readonly string[] {
  const { mailNetworks, mailAuthorities, outsideNetworks, outsideAuthorities } = config
  return [
    formatNetwork(bindings.MAIL_NETWORK.service, { networks: mailNetworks, authorities: mailAuthorities }),
    // Only the operator names the bucket, which is often on this machine or beside it.
    formatNetwork(bindings.LAKE_NETWORK.service, { networks: ['private', 'local'], authorities: [] }),
    formatNetwork(bindings.OUTSIDE_NETWORK.service, { networks: outsideNetworks, authorities: outsideAuthorities }),
  ]
}

/** Without more networks, loopback and private addresses are refused: tenants choose the addresses. */
function formatNetwork(
  service: string,
  { networks = [], authorities = [] }: { readonly [Part in 'networks' | 'authorities']: readonly string[] | undefined },
): string {
  const allow = ['public', ...networks].map(quote).join(', ')
  const deny = notPublic.filter((range) => !networks.includes(range))
  const tls = `(trustBrowserCas = true, trustedCertificates = [${authorities.map(quote).join(', ')}])`
  return `(name = ${quote(service)}, network = (allow = [${allow}], deny = [${deny.map(quote).join(', ')}], tlsOptions = ${tls}))`
}

/** Ranges that workerd counts as public: for documents and benchmarks, and those that carry an IPv4 address, of which it may be any. */
const notPublic: readonly string[] = [
  '192.0.2.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
]

function formatSocket(service: string, file: string): string {
  return `(name = ${quote(service)}, external = (address = ${quote(`unix:${file}`)}, http = ()))`
}

/** Settings and secrets are variables; bindings that only Cloudflare has are left out. */
function formatBindings({ importFolder }: WorkerdConfig): readonly string[] {
  return Object.entries<Binding>(bindings).flatMap(([name, binding]) =>
    name === 'IMPORTS_DISK' && importFolder === undefined ? [] : formatBinding(name, binding),
  )
}

function formatBinding(name: string, binding: Binding): readonly string[] {
  if (binding.on === 'cloudflare') return []
  switch (binding.kind) {
    case 'objects':
    case 'registry':
    case 'directory':
    case 'hasher':
      return [`(name = ${quote(name)}, durableObjectNamespace = ${quote(binding.className)})`]
    case 'kv':
      return [`(name = ${quote(name)}, kvNamespace = ${quote(binding.service)})`]
    case 'network':
    case 'assets':
    case 'service':
      return [`(name = ${quote(name)}, service = ${quote(binding.service)})`]
    default:
      return []
  }
}

function quote(text: string): string {
  return JSON.stringify(text)
}
