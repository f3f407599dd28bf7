-- Elsewhere a description may be missing, or stand in a contract.
CREATE TABLE late_flights (flight_id BIGINT, gate_code TEXT);
