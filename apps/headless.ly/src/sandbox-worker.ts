// The Worker of the processes that run the code of `do` and stored functions. It shares no process, binding or file with the server's Worker.

import { type SandboxWorker, sandboxWorker } from 'functions.do'
import { sandboxPrograms } from '#sandbox-code'

const worker: SandboxWorker = sandboxWorker(sandboxPrograms)

export default worker
