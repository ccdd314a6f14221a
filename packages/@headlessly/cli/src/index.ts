export { signedInFetch } from './signed-in-fetch.ts'
export { type CliStream, run, type RunOptions } from './run.ts'
