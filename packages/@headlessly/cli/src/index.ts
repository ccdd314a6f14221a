export { type CliStream, run, type RunOptions } from './run.ts'
