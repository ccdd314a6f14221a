// The parts of capnweb that a session takes, as a module of their own: it is loaded when the first session is opened, and
// bundlers leave the other parts out.

export { RpcSession, WebSocketTransport } from 'capnweb'
