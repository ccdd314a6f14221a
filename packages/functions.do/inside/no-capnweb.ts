// Stands for capnweb where the SDK is bundled for the sandbox: it is a third of the bundle, each run reads all of it, and no
// call leaves the sandbox by it.

export function RpcSession(): never {
  throw new Error('calls of the sandbox go through its host')
}
