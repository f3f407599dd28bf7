select
    flight_id,
    carrier_code,
    cast(scheduled_departure_at as timestamp) as scheduled_departure_at,
    cast(departure_delay_minutes as integer) as departure_delay_minutes
from {{ source('register', 'flights') }}
where not is_cancelled
