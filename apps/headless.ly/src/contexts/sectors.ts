// The 20 sectors of the North American Industry Classification System (NAICS, census.gov/naics), with other names by which
// people look for them.

interface SectorData {
  readonly label: string
  /** The first two digits of its codes, and the two digits after the last of them. */
  readonly codes: readonly [from: string, before: string]
  readonly aliases: readonly string[]
}

export const sectors = {
  agriculture: { label: 'Agriculture, Forestry, Fishing and Hunting', codes: ['11', '12'], aliases: [] },
  mining: { label: 'Mining, Quarrying, and Oil and Gas Extraction', codes: ['21', '22'], aliases: [] },
  utilities: { label: 'Utilities', codes: ['22', '23'], aliases: [] },
  construction: { label: 'Construction', codes: ['23', '24'], aliases: [] },
  manufacturing: { label: 'Manufacturing', codes: ['31', '34'], aliases: [] },
  wholesale: { label: 'Wholesale Trade', codes: ['42', '43'], aliases: [] },
  retail: { label: 'Retail Trade', codes: ['44', '46'], aliases: [] },
  transportation: { label: 'Transportation and Warehousing', codes: ['48', '50'], aliases: [] },
  information: { label: 'Information', codes: ['51', '52'], aliases: [] },
  finance: { label: 'Finance and Insurance', codes: ['52', '53'], aliases: ['fintech', 'insurance'] },
  realestate: { label: 'Real Estate and Rental and Leasing', codes: ['53', '54'], aliases: [] },
  professional: { label: 'Professional, Scientific, and Technical Services', codes: ['54', '55'], aliases: [] },
  management: { label: 'Management of Companies and Enterprises', codes: ['55', '56'], aliases: [] },
  administrative: {
    label: 'Administrative and Support and Waste Management and Remediation Services',
    codes: ['56', '57'],
    aliases: [],
  },
  education: { label: 'Educational Services', codes: ['61', '62'], aliases: [] },
  healthcare: { label: 'Health Care and Social Assistance', codes: ['62', '63'], aliases: ['health'] },
  arts: { label: 'Arts, Entertainment, and Recreation', codes: ['71', '72'], aliases: ['entertainment'] },
  hospitality: { label: 'Accommodation and Food Services', codes: ['72', '73'], aliases: ['accommodation'] },
  services: { label: 'Other Services (except Public Administration)', codes: ['81', '82'], aliases: [] },
  government: { label: 'Public Administration', codes: ['92', '93'], aliases: [] },
} as const satisfies Readonly<Record<string, SectorData>>
