// The version of this package, which a test holds to its package.json.

export const version = '0.1.0'
