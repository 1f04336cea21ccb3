{{ config(materialized='table') }}

select
    carrier || '-' || flight || '-' || strftime(time_hour at time zone 'UTC', '%Y%m%dT%H') as flight_id,
    make_date(year, month, day) as flight_date,
    time_hour at time zone 'UTC' as scheduled_hour,
    {{ clock_time('sched_dep_time') }} as scheduled_departure,
    {{ clock_time('dep_time') }} as departure,
    carrier,
    flight as flight_number,
    tailnum as tail_number,
    origin,
    dest as destination,
    dep_delay as departure_delay_minutes,
    arr_delay as arrival_delay_minutes,
    air_time as air_minutes,
    distance as distance_miles,
    dep_time is null as is_cancelled
from {{ source('raw', 'flights') }}
