CREATE TABLE weather (
    airport_code text,
    wind struct<airport_code text>,
    airport_code text
);
-- A table that is made anew is no second one.
DROP TABLE weather;
CREATE TABLE weather (airport_code text);
