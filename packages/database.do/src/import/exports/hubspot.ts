// The exports of HubSpot.

import type { ImportSystem } from '../import-system.ts'

const hubspotStages = {
  subscriber: 'Lead',
  lead: 'Lead',
  'marketing qualified lead': 'Lead',
  'sales qualified lead': 'Qualified',
  opportunity: 'Qualified',
  customer: 'Customer',
  evangelist: 'Customer',
}
const dealStages = {
  'appointment scheduled': 'Prospecting',
  'qualified to buy': 'Qualification',
  'presentation scheduled': 'Proposal',
  'decision maker bought-in': 'Negotiation',
  'contract sent': 'Negotiation',
  'closed won': 'Won',
  'closed lost': 'Lost',
}

export const hubspot: ImportSystem = {
  name: 'hubspot',
  about: 'CSV exports of HubSpot: contacts, companies and deals',
  exports: [
    {
      noun: 'Contact',
      headers: ['Record ID', 'First Name', 'Last Name', 'Email'],
      columns: {
        'Record ID': '$id',
        'Record ID - Contact': '$id',
        'First Name': 'firstName',
        'Last Name': 'lastName',
        Email: 'email',
        'Phone Number': 'phone',
        'Mobile Phone Number': 'mobile',
        'Job Title': 'title',
        'Lifecycle Stage': 'stage',
        'Create Date': '$at',
        'Associated Company IDs': 'organization',
        'Associated Company IDs (Primary)': 'organization',
        'Original Source': 'source',
        'Preferred language': 'language',
        'Time Zone': 'timezone',
      },
      values: { stage: hubspotStages },
    },
    {
      noun: 'Organization',
      headers: ['Record ID', 'Company name', 'Company Domain Name'],
      columns: {
        'Record ID': '$id',
        'Record ID - Company': '$id',
        'Company name': 'name',
        'Company Domain Name': 'domain',
        Industry: 'industry',
        City: 'city',
        'Country/Region': 'country',
        'State/Region': 'state',
        'Postal Code': 'postalCode',
        'Street Address': 'address',
        'Number of Employees': 'employeeCount',
        'Annual Revenue': 'annualRevenue',
        'Website URL': 'website',
        'Create Date': '$at',
        'Parent Company': 'parent',
        Description: 'description',
        'LinkedIn Company Page': 'linkedinUrl',
      },
    },
    {
      noun: 'Deal',
      headers: ['Record ID', 'Deal Name', 'Deal Stage'],
      columns: {
        'Record ID': '$id',
        'Record ID - Deal': '$id',
        'Deal Name': 'name',
        'Deal Stage': 'stage',
        Amount: 'value',
        Currency: 'currency',
        'Close Date': 'expectedCloseDate',
        'Create Date': '$at',
        'Associated Company IDs': 'organization',
        'Associated Company': 'organization',
        'Associated Contact IDs': 'contact',
        'Deal Description': 'description',
      },
      values: { stage: dealStages },
    },
  ],
}
