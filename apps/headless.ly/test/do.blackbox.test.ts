// Code next to the data, in the processes of the server that ships.

import { testAtomicRun } from './atomic-do.suite.ts'
import { testDo } from './do.suite.ts'
import { useSharedServer } from './server.ts'

const server = useSharedServer()

testDo(server)
testAtomicRun(server)
