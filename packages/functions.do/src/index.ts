export { functionsService } from './functions-service.ts'
export { type CodeLoader, sandboxCompatibilityDate } from './sandbox/loader-sandbox.ts'
