// Which hosts of URLs are public by their text. A name says nothing about its addresses: those are judged by whoever connects.

/** The special-purpose registries of IANA: private, local, shared, documentation, benchmarks, multicast, reserved. */
const specialRanges4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
].map((range) => {
  const [address = '', bits = ''] = range.split('/')
  return { first: toNumber(address), size: 2 ** (32 - Number(bits)) }
})

const privateNames = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa)$/

/** `hostname` as `URL` writes it: other spellings of addresses are already resolved. */
export function isPublicHost(hostname: string): boolean {
  if (hostname.startsWith('[')) return isPublic6(hostname.slice(1, -1))
  if (/^[\d.]+$/.test(hostname)) {
    const number = toNumber(hostname)
    return !specialRanges4.some(({ first, size }) => number >= first && number < first + size)
  }
  const name = hostname.replace(/\.$/, '')
  return name.includes('.') && !privateNames.test(name)
}

/** Global addresses are in 2000::/3. Some of them carry IPv4 addresses (Teredo, 6to4) or are for documents. */
function isPublic6(address: string): boolean {
  const [first = 0, second = 0] = address.split(':').map((group) => Number.parseInt(group, 16) || 0)
  if (first < 0x2000 || first > 0x3fff) return false
  if (first === 0x2001) return second >= 0x200 && second !== 0xdb8
  return first !== 0x2002 && !(first === 0x3fff && second < 0x1000)
}

function toNumber(address: string): number {
  return address.split('.').reduce((number, byte) => number * 256 + Number(byte), 0)
}
