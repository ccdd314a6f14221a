// Requests that open a connection which stays open: a WebSocket, or a stream of server-sent events.

export function isLive({ headers }: Request): boolean {
  return (
    headers.get('upgrade')?.toLowerCase() === 'websocket' ||
    headers.get('accept')?.includes('text/event-stream') === true
  )
}
