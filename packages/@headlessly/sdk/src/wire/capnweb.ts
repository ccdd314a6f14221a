// The parts of capnweb that a session uses, as a separate module: it is loaded when the first session opens, and
// bundlers drop the other parts.

export { RpcSession, WebSocketTransport } from 'capnweb'
