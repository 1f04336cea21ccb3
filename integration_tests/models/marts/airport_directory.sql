{{ config(materialized='view') }}

select
    airports.airport,
    airports.airport_name,
    airports.time_zone,
    count(flights.flight_id) as arrivals_from_new_york
from {{ ref('stg_airports') }} as airports
left join {{ ref('fct_flights') }} as flights on airports.airport = flights.destination
group by all
