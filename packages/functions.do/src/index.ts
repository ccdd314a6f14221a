export { type CodeLoader, LoaderSandbox, sandboxCompatibilityDate } from './sandbox/loader-sandbox.ts'
export { parseCode } from './sandbox/parse-code.ts'
export { callsPerRunMax, type Sandbox } from './sandbox/sandbox.ts'
