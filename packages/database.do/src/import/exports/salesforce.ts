// The exports of Salesforce.

import type { ImportSystem } from '../import-system.ts'

const salesforceStages = {
  prospecting: 'Prospecting',
  qualification: 'Qualification',
  'needs analysis': 'Qualification',
  'value proposition': 'Proposal',
  'id. decision makers': 'Qualification',
  'perception analysis': 'Proposal',
  'proposal/price quote': 'Proposal',
  'negotiation/review': 'Negotiation',
  'closed won': 'Won',
  'closed lost': 'Lost',
}

export const salesforce: ImportSystem = {
  name: 'salesforce',
  about: 'CSV of the Salesforce data export and of Data Loader, by names of the API',
  exports: [
    {
      noun: 'Organization',
      headers: ['Id', 'Name', 'BillingCity'],
      columns: {
        Id: '$id',
        Name: 'name',
        Website: 'website',
        Industry: 'industry',
        NumberOfEmployees: 'employeeCount',
        AnnualRevenue: 'annualRevenue',
        BillingStreet: 'address',
        BillingCity: 'city',
        BillingState: 'state',
        BillingPostalCode: 'postalCode',
        BillingCountry: 'country',
        ParentId: 'parent',
        Description: 'description',
        CreatedDate: '$at',
        AccountSource: 'source',
      },
    },
    {
      noun: 'Contact',
      headers: ['Id', 'LastName', 'AccountId'],
      columns: {
        Id: '$id',
        FirstName: 'firstName',
        LastName: 'lastName',
        Name: 'name',
        Email: 'email',
        Phone: 'phone',
        MobilePhone: 'mobile',
        Title: 'title',
        Department: 'department',
        AccountId: 'organization',
        ReportsToId: 'manager',
        LeadSource: 'source',
        CreatedDate: '$at',
      },
    },
    {
      noun: 'Deal',
      headers: ['Id', 'StageName', 'CloseDate'],
      columns: {
        Id: '$id',
        Name: 'name',
        StageName: 'stage',
        Amount: 'value',
        CurrencyIsoCode: 'currency',
        CloseDate: 'expectedCloseDate',
        Probability: 'probability',
        AccountId: 'organization',
        ContactId: 'contact',
        LeadSource: 'source',
        NextStep: 'nextStep',
        Description: 'description',
        CreatedDate: '$at',
      },
      values: { stage: salesforceStages },
    },
  ],
}
