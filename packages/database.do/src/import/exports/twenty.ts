// The exports of Twenty.

import type { ImportSystem } from '../import-system.ts'

const twentyStages = {
  new: 'Prospecting',
  screening: 'Qualification',
  meeting: 'Qualification',
  proposal: 'Proposal',
  customer: 'Won',
}

export const twenty: ImportSystem = {
  name: 'twenty',
  about: 'CSV exports of Twenty: people, companies and opportunities',
  exports: [
    {
      noun: 'Contact',
      headers: ['Id', 'Name / First Name', 'Name / Last Name'],
      columns: {
        Id: '$id',
        'Name / First Name': 'firstName',
        'Name / Last Name': 'lastName',
        'Emails / Primary Email': 'email',
        'Phones / Primary Phone Number': 'phone',
        'Job Title': 'title',
        'Linkedin / Link URL': 'linkedinUrl',
        'Company / Id': 'organization',
        'Company / ID': 'organization',
        'Creation date': '$at',
        'Created at': '$at',
      },
    },
    {
      noun: 'Organization',
      headers: ['Id', 'Name', 'Domain Name / Link URL'],
      columns: {
        Id: '$id',
        Name: 'name',
        'Domain Name / Link URL': 'website',
        Employees: 'employeeCount',
        'Linkedin / Link URL': 'linkedinUrl',
        'Address / City': 'city',
        'Address / Country': 'country',
        'Address / Post Code': 'postalCode',
        'Creation date': '$at',
        'Created at': '$at',
      },
    },
    {
      noun: 'Deal',
      headers: ['Id', 'Name', 'Stage', 'Close date'],
      columns: {
        Id: '$id',
        Name: 'name',
        Stage: 'stage',
        'Amount / Amount': 'value',
        'Amount / Currency': 'currency',
        'Close date': 'expectedCloseDate',
        'Company / Id': 'organization',
        'Company / ID': 'organization',
        'Point of Contact / Id': 'contact',
        'Creation date': '$at',
        'Created at': '$at',
      },
      values: { stage: twentyStages },
    },
  ],
}
