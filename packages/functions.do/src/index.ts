export { type FunctionsBindings, functionsService } from './functions-service.ts'
export { type CodeLoader, sandboxCompatibilityDate, type SandboxPrograms } from './sandbox/loader-sandbox.ts'
export { type SandboxWorker, sandboxWorker } from './sandbox/serve-runs.ts'
