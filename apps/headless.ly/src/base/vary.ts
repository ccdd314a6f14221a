// The request headers on which answers depend, for caches between client and server.

/** The same for every answer of a tenant, so that answers can share their headers. */
export const varyHeader = 'accept, accept-encoding, authorization, origin, x-headlessly-bookmark'
