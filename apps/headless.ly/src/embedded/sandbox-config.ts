// The configuration of a workerd that runs the code of `do`: the Worker Loader, one socket, and nothing else. It has no
// disk, no variables but its generation, and a network that allows no address.

import { compatibilityDate } from './workerd-config.ts'

export interface SandboxConfig {
  readonly socketFile: string
  readonly generation: string
}

/** The heap of V8. Code that needs more ends its process, and not the machine's memory. */
const heapMegabytesMax = 128

/** Returns Cap'n Proto text. The Worker's bundle must lie beside it as `sandbox.js`. */
export function formatSandboxConfig({ socketFile, generation }: SandboxConfig): string {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  v8Flags = ["--max-old-space-size=${heapMegabytesMax}"],
  services = [
    (name = "sandbox", worker = .sandbox),
    (name = "internet", network = (allow = [])),
  ],
  sockets = [(name = "http", address = ${JSON.stringify(`unix:${socketFile}`)}, http = (), service = "sandbox")],
);

const sandbox :Workerd.Worker = (
  modules = [(name = "sandbox.js", esModule = embed "sandbox.js")],
  compatibilityDate = "${compatibilityDate}",
  bindings = [
    (name = "LOADER", workerLoader = ()),
    (name = "GENERATION", text = ${JSON.stringify(generation)}),
  ],
);
`
}
