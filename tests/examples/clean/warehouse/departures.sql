-- Who late departures cost most.
CREATE TABLE departures (
    DEPARTED_AT TIMESTAMP WITH TIME ZONE NOT NULL,
    passenger_count NUMERIC(4),
    fare_usd NUMERIC(8, 2)
);

CREATE INDEX departures_by_time ON departures (departed_at);
