select
    flight_id,
    carrier_code,
    departure_delay_minutes,
    departure_delay_minutes >= 15 as is_late
from {{ ref('stg_flights') }}
