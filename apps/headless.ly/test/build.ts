// The server that is tested is the one that ships: built before the first test.

import { buildIfStale } from '../build.js'

export default async function setup(): Promise<void> {
  await buildIfStale()
}
