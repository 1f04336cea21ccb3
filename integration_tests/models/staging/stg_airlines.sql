{{ config(materialized=dbt_opsplugin.staging_materialization()) }}

select
    carrier,
    name as airline_name
from {{ source('raw', 'airlines') }}
