select flight_id from {{ source('airline', 'flights') }}
