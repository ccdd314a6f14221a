// Thrown by a rehearsal for a write that would be accepted, and would be the first of its tenant. It has written nothing.
// The front door then registers the tenant and sends the message again.

export class FirstWrite extends Error {
  constructor() {
    super('this write would be the first of its tenant')
    this.name = 'FirstWrite'
  }
}
