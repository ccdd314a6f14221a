export { type DemoOptions, type DemoSize, loadDemo, type LoadedDemo } from './demo/load-demo.ts'
export { signedInFetch } from './signed-in-fetch.ts'
export { type CliStream, run, type RunOptions } from './run.ts'
