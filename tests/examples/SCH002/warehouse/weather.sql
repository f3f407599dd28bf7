CREATE TABLE IF NOT EXISTS weather (
    "Wind Gust" INTEGER, -- # SCH002 col 5: field 'Wind Gust' is not written like 'departure_airport'
    windDirection INTEGER, -- # SCH002 col 5: field 'windDirection' is not written like 'departure_airport'
    -- Capitals without quotes are a habit: the database folds them.
    STATION_ID VARCHAR(10)
);
