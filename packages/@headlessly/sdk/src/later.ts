// Parts of the client that few programs use, in one module that the first use of any of them loads: modules of their own
// would share more files with the rest of the client than they save. Folders import it only by `import()`.

export { registerFunction } from './calls/register-function.ts'
export { ManyWriter } from './entities/many-writer.ts'
export { followFeed } from './events/follow-feed.ts'
export { LiveRows, tellChanges } from './events/live-rows.ts'
export { CallSession } from './wire/call-session.ts'
export { download } from './wire/download.ts'
export { listen } from './wire/listen.ts'
export { listenOverSocket } from './wire/listen-over-socket.ts'
export { ticketFor } from './wire/ticket.ts'
