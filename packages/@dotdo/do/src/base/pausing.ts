// The pauses of long work that runs in slices.

import { nextTask } from './next-task.ts'

/** Makes the pauses of one long work. The work calls the function after each slice, and begins the next one when it resolves. */
export type Pausing = () => () => Promise<void>

/** Pauses of work that shares its thread with nobody who waits: others run once between two slices. */
export const pauseBriefly: Pausing = () => nextTask
