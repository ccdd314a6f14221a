// The answer to a request of code that may send none.

export const noRequests = JSON.stringify({
  ok: false,
  message: 'this run sends no requests: stored functions do, after events and at times, to the hosts that they list',
})
