{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='flight_id',
    on_schema_change='append_new_columns',
    post_hook="{{ dbt_opsplugin.log_model_metrics() }}",
) }}

select
    flights.*,
    bands.delay_band
from {{ ref('int_flights_with_weather') }} as flights
left join {{ ref('delay_bands') }} as bands
    on flights.arrival_delay_minutes >= bands.from_minutes
    and flights.arrival_delay_minutes < bands.to_minutes
{% if is_incremental() %}
where flights.flight_date >= (select max(flight_date) - interval 3 day from {{ this }})
{% endif %}
