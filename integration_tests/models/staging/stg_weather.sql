{{ config(materialized='table') }}

select
    origin,
    time_hour at time zone 'UTC' as observed_at,
    temp as temperature_fahrenheit,
    humid as relative_humidity,
    wind_speed as wind_speed_mph,
    precip as precipitation_inches,
    visib as visibility_miles
from {{ source('raw', 'weather') }}
