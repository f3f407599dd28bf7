-- Each of these waivers has a fault, so it waives nothing: what it was for is found.
CREATE TABLE tickets (
    ticket_number TEXT, -- ml-checks: waive SCH02 until=2027-03-31 reason="sold so" owner=@acme/flight-ops # SCH002 col 5: field 'ticket_number' has 13 characters, 12 are allowed # REV001 col 25: there is no rule 'SCH02'; did you mean 'SCH012'?
    "order" INTEGER, -- ml-checks: waive SCH003 until=2027-03-31 owner=@acme/flight-ops # SCH003 col 5: name 'order' is reserved in SQL # REV002 col 22: waiver of SCH003 gives no reason
    fare NUMERIC(8, 2) -- ml-checks: waive SCH007 until=2027-03-31 reason="always in USD" # REV003 col 24: waiver of SCH007 names no owner
);
