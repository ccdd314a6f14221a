export { type DemoOptions, type DemoSize, loadDemo, type LoadedDemo } from '@headlessly/sdk'
export { signedInFetch } from './signed-in-fetch.ts'
export { type CliStream, run, type RunOptions } from './run.ts'
