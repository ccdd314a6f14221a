// Builds the server that ships before the first test, so that tests run against it.

import { buildIfStale } from '../build.js'

export default async function setup(): Promise<void> {
  await buildIfStale()
}
