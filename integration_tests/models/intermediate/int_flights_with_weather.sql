select
    flights.*,
    weather.precipitation_inches,
    weather.visibility_miles,
    weather.wind_speed_mph
from {{ ref('stg_flights') }} as flights
left join {{ ref('stg_weather') }} as weather
    on flights.origin = weather.origin
    and flights.scheduled_hour = weather.observed_at
