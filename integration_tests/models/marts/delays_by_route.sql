select
    flights.origin,
    flights.destination,
    airlines.airline_name,
    count(*) as flight_count,
    count(*) filter (where flights.is_cancelled) as cancelled_count,
    avg(flights.arrival_delay_minutes) as mean_arrival_delay_minutes,
    quantile_cont(flights.arrival_delay_minutes, 0.9) as p90_arrival_delay_minutes,
    avg(flights.arrival_delay_minutes)
        filter (where flights.precipitation_inches > 0) as mean_arrival_delay_minutes_in_rain
from {{ ref('fct_flights') }} as flights
inner join {{ ref('dim_airlines') }} as airlines on flights.carrier = airlines.carrier
group by all
