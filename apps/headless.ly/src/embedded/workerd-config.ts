// The configuration that workerd runs from, made anew at each start: the same Worker as on Cloudflare, with disk
// services where Cloudflare has services of its own. Its bindings come from the list that the Worker's environment is
// typed from.

import { type Binding, bindings, type VariableName } from '../bindings.ts'

export interface WorkerdConfig {
  /** Absolute folders that exist. */
  readonly objectsFolder: string
  readonly lakeFolder: string
  /** Where the launcher listens for `POST /sync`. */
  readonly syncSocketFile: string
  /** 0 takes any free port. */
  readonly port: number
  readonly variables: { readonly [Name in VariableName]?: string }
}

/** Must not be newer than the workerd binary knows; `wrangler.jsonc` names the same. */
export const compatibilityDate = '2026-10-20'
/** Durable Objects are found again by it: it never changes. */
const tenantsKey = 'headless.ly-tenants'

/** Cap'n Proto text; the Worker's bundle lies beside it as `worker.js`, since workerd embeds by relative path only. */
export function formatWorkerdConfig(config: WorkerdConfig): string {
  // A space before each `.name`: `=.` would be an operator.
  const variables = Object.entries(config.variables).map(
    ([name, value]) => `(name = ${quote(name)}, text = ${quote(value)})`,
  )
  const bound = Object.entries<Binding>(bindings).flatMap(([name, binding]) => formatBinding(name, binding))
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "front-door", worker = .frontDoor),
    (name = "objects", disk = (path = ${quote(config.objectsFolder)}, writable = true)),
    (name = "lake", disk = (path = ${quote(config.lakeFolder)}, writable = true)),
    (name = "launcher", external = (address = ${quote(`unix:${config.syncSocketFile}`)}, http = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${config.port}", http = (), service = "front-door")],
);

const frontDoor :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${compatibilityDate}",
  durableObjectNamespaces = [(className = ${quote(bindings.TENANTS.className)}, uniqueKey = "${tenantsKey}", enableSql = true)],
  durableObjectStorage = (localDisk = "objects"),
  bindings = [${[...bound, ...variables].join(', ')}],
);
`
}

/** Settings and secrets come as variables; bindings that only Cloudflare has are left out. */
function formatBinding(name: string, binding: Binding): readonly string[] {
  if (binding.on === 'cloudflare') return []
  switch (binding.kind) {
    case 'objects':
      return [`(name = ${quote(name)}, durableObjectNamespace = ${quote(binding.className)})`]
    case 'service':
      return [`(name = ${quote(name)}, service = ${quote(binding.service)})`]
    case 'loader':
      return [`(name = ${quote(name)}, workerLoader = ())`]
    default:
      return []
  }
}

function quote(text: string): string {
  return JSON.stringify(text)
}
