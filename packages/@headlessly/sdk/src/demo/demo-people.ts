// The harbours that become interested in the sample company, and the people who write for them: each name once.

const places = [
  ['Skagen', 'DK'],
  ['Kiel', 'DE'],
  ['Visby', 'SE'],
  ['Marstrand', 'SE'],
  ['Travemünde', 'DE'],
  ['Helgoland', 'DE'],
  ['Aarhus', 'DK'],
  ['Sandhamn', 'SE'],
  ['Warnemünde', 'DE'],
  ['Rønne', 'DK'],
  ['Flensburg', 'DE'],
  ['Borkum', 'DE'],
  ['Smögen', 'SE'],
  ['Lübeck', 'DE'],
  ['Stralsund', 'DE'],
  ['Karlskrona', 'SE'],
  ['Ebeltoft', 'DK'],
] as const
const kinds = ['Yacht Club', 'Marina', 'Harbour', 'Sailing School', 'Boatyard'] as const
const firstNames = [
  'Anna',
  'Bo',
  'Clara',
  'David',
  'Elin',
  'Frida',
  'Gustav',
  'Hanne',
  'Ida',
  'Jens',
  'Karl',
  'Lena',
  'Mats',
  'Nora',
  'Ole',
  'Pia',
] as const
const lastNames = [
  'Andersen',
  'Berg',
  'Carlsson',
  'Dahl',
  'Eriksen',
  'Fischer',
  'Gade',
  'Holm',
  'Iversen',
  'Jansen',
  'Krüger',
] as const
const roles = ['DecisionMaker', 'Champion', 'DecisionMaker', 'User', 'Influencer'] as const
const titles = ['Harbour master', 'Office manager', 'Owner', 'Berth manager', 'Treasurer'] as const

export interface Prospect {
  readonly name: string
  readonly email: string
  readonly company: string
  readonly city: string
  readonly country: string
  readonly role: string
  readonly title: string
}

/** Steps through each list by a number that has no factor in common with its length, so that neighbours differ. */
export function prospectAt(at: number): Prospect {
  const [city, country] = itemAt(places, at * 5)
  const round = Math.floor(at / (places.length * kinds.length))
  const company = `${city} ${itemAt(kinds, at * 3)}${round === 0 ? '' : ` ${round + 1}`}`
  const name = `${itemAt(firstNames, at * 7)} ${itemAt(lastNames, at * 4)}`
  const email = `${plain(name).replace(' ', '.')}@${plain(company).replaceAll(' ', '-')}.example`
  return { name, email, company, city, country, role: itemAt(roles, at), title: itemAt(titles, at) }
}

function itemAt<Item>(items: readonly Item[], at: number): Item {
  const item = items[at % items.length]
  if (item === undefined) throw new Error('expected at least one item')
  return item
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll('ø', 'o').normalize('NFD').replaceAll(/\p{M}/gu, '')
}
