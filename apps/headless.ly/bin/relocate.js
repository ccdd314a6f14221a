#!/usr/bin/env node
// Rewrites the paths in a copy of a lake, after building the program if the sources are newer than the build.

import { buildIfStale } from '../build.js'

await buildIfStale()
await import('../dist/relocate.js')
