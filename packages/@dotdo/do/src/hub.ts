import type { EventPattern } from 'digital-objects'
import type { LiveEvent } from './events-store.ts'
export interface EventSource {
  head(): number
  read(options: { after: number; limit: number; pattern?: EventPattern }): {
    events: readonly LiveEvent[]
    readThrough: number
  }
}
export class Hub {
  constructor(_options: { ctx: DurableObjectState; source: EventSource }) {}
  accept(_request: Request): Response {
    return new Response(null, { status: 501 })
  }
  publish(_events: readonly LiveEvent[]): void {}
  webSocketMessage(_socket: WebSocket, _message: string | ArrayBuffer): void {}
  webSocketClose(_socket: WebSocket, _code: number, _reason: string, _wasClean: boolean): void {}
  webSocketError(_socket: WebSocket, _error: unknown): void {}
}
