{{ config(pre_hook="{{ dbt_opsplugin.set_warehouse_size('MEDIUM') }}") }}

with legs as (
    select
        flights.*,
        lag(arrival_delay_minutes) over plane as inbound_delay_minutes
    from {{ ref('fct_flights') }} as flights
    where tail_number is not null
    window plane as (
        partition by tail_number, flight_date order by scheduled_departure, flight_id
    )
)

select
    planes.manufacturer,
    legs.carrier,
    count(*) as leg_count,
    avg(legs.departure_delay_minutes) as mean_departure_delay_minutes,
    regr_slope(legs.departure_delay_minutes, legs.inbound_delay_minutes) as minutes_passed_on
from legs
inner join {{ ref('dim_planes') }} as planes on legs.tail_number = planes.tail_number
where legs.inbound_delay_minutes is not null
group by all
